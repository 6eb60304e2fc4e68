"""Invented buyers. Every word of theirs carries a marker, so that a test can prove none of it is printed."""

from __future__ import annotations

from dataclasses import dataclass

from cancel_analysis.sample.random_stream import RandomStream

MARKER = "BUYERDATA"
# 555-0100 to 555-0199 belong to nobody, and example.com is kept free for documents.
PHONE_STEM = "555-01"
MAIL_DOMAIN = "@example.com"

_CALLING = {"US": 1, "GB": 44, "TH": 66, "ID": 62, "VN": 84, "SG": 65}
_GIVEN = {
    "US": ("Alma", "Boone", "Cleo", "Dario", "Etta", "Floyd", "Greta", "Hollis"),
    "GB": ("Ada", "Bertie", "Cora", "Digby", "Elsie", "Fergus", "Gwen", "Hamish"),
    "TH": ("กมล", "ขวัญ", "จันทร์", "ชัย", "ดวง", "ทิพย์", "นภา", "พิม"),
    "ID": ("Agus", "Bunga", "Citra", "Dewi", "Eko", "Fajar", "Gita", "Hadi"),
    "VN": ("An", "Bình", "Chi", "Dũng", "Giang", "Hà", "Khánh", "Lan"),
    "SG": ("美玲", "志强", "Wei", "丽华", "Priya", "Hakim"),
}
_FAMILY = {
    "US": ("Doe", "Roe", "Poe", "Noe"),
    "GB": ("Doe", "Roe", "Poe", "Noe"),
    "TH": ("สมมติ", "ตัวอย่าง"),
    "ID": ("Contoh", "Rekaan"),
    "VN": ("Ví Dụ", "Giả Định"),
    "SG": ("虚构", "样本"),
}


@dataclass(frozen=True)
class Buyer:
    """All that an order says of a buyer, apart from state or province."""

    username: str
    recipient: str
    phone: str
    postcode: str
    town: str
    quarter: str
    street: str
    extra: str
    message: str
    note: str


def invent(market: str, rng: RandomStream) -> Buyer:
    """One buyer who does not exist."""
    given = rng.pick(_GIVEN[market])
    number = rng.whole(1, 999)
    town = rng.whole(1, 30)
    asks = rng.chance(0.05)
    return Buyer(
        username=f"{MARKER}_{number}",
        recipient=f"{MARKER} {given} {rng.pick(_FAMILY[market])}",
        phone=f"(+{_CALLING[market]}){PHONE_STEM}{rng.whole(0, 99):02d} {MARKER}",
        postcode=f"{MARKER} {town:02d}",
        town=f"{MARKER} T{town}",
        quarter=f"{MARKER} Q{town % 7}",
        street=f"{MARKER} St {number}",
        extra=f"{MARKER} floor {number % 9}" if rng.chance(0.05) else "",
        message=f"{MARKER}: write to {given.lower()}{number}{MAIL_DOMAIN}, please" if asks else "",
        note=f"{MARKER} rang {PHONE_STEM}{number % 100:02d}" if rng.chance(0.02) else "",
    )
