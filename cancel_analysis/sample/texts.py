"""What the exports say in each interface language: statuses, substatuses, reasons, ways to pay.

Where a real file shows the wording it is used; the rest is an invented translation, which a reader
meets as it meets any new wording: known to its catalog or listed as unknown.
`Cancel By` and `Cancelation/Return Type` are English in every language.
"""

from __future__ import annotations

STATUS_KEYS = ("unpaid", "to_ship", "shipped", "completed", "cancelled")
STATUSES = {
    "en": ("Unpaid", "To ship", "Shipped", "Completed", "Canceled"),
    "th": ("ค้างชำระ", "ที่จะจัดส่ง", "จัดส่งแล้ว", "เสร็จสมบูรณ์", "ยกเลิกแล้ว"),
    "id": ("Belum dibayar", "Perlu dikirim", "Dikirim", "Selesai", "Dibatalkan"),
    "vi": ("Chưa thanh toán", "Cần gửi", "Đã vận chuyển", "Đã hoàn tất", "Đã hủy"),
    "zh": ("未支付", "待发货", "已发货", "已完成", "已取消"),
}
SUBSTATUS_KEYS = ("awaiting_shipment", "awaiting_collection", "in_transit", "delivered", "completed", "cancelled")
SUBSTATUSES = {
    "en": ("Awaiting shipment", "Awaiting collection", "In transit", "Delivered", "Completed", "Canceled"),
    "th": ("รอจัดส่ง", "รอเข้ารับ", "อยู่ระหว่างขนส่ง", "จัดส่งสำเร็จ", "เสร็จสมบูรณ์", "ยกเลิกแล้ว"),
    "id": ("Menunggu pengiriman", "Menunggu pengambilan", "Dalam perjalanan", "Terkirim", "Selesai", "Dibatalkan"),
    "vi": ("Đang chờ vận chuyển", "Đang chờ lấy hàng", "Đang vận chuyển", "Đã giao", "Đã hoàn tất", "Đã hủy"),
    "zh": ("待发货", "待揽收", "运输中", "已送达", "已完成", "已取消"),
}
CASH_ON_DELIVERY = {
    "en": "Cash on delivery",
    "th": "เก็บเงินปลายทาง",
    "id": "Bayar di tempat",
    "vi": "Thanh toán khi nhận hàng",
    "zh": "货到付款",
}
PAYMENTS = {
    "US": ("Credit card", "Debit card", "PayPal", "Apple Pay"),
    "GB": ("Credit/Debit card", "PayPal", "Klarna"),
    "TH": ("พร้อมเพย์", "บัตรเครดิต", "TrueMoney"),
    "ID": ("GoPay", "Transfer bank", "OVO", "Kartu kredit"),
    "VN": ("Ví MoMo", "Thẻ tín dụng/ghi nợ", "ZaloPay"),
    "SG": ("信用卡", "PayNow"),
}

# Reasons by our own key. American and British English differ, so these two go by market.
CANCEL_REASONS: dict[str, dict[str, str]] = {
    "US": {
        "no_longer_needed": "No longer needed",
        "better_price": "Better price available",
        "delivery_cost": "High shipping fee",
        "change_address": "Need to change shipping address",
        "change_payment": "Need to change payment method",
        "change_size": "Need to change color or size",
        "mistake": "Bought by mistake",
        "coupon": "Forgot to apply coupons",
        "not_on_time": "Item wasn't shipped on time",
        "overdue": "Customer overdue to pay",
        "out_of_stock": "Out of stock",
        "pricing_error": "Pricing error",
        "collection_timeout": "Automatically cancelled due to collection time out",
        "risk": "Failed to pass risk review",
        "delivery_failed": "Package delivery failed",
        "rejected": "Package rejected",
        "lost": "Package lost",
    },
    "GB": {
        "no_longer_needed": "No longer needed",
        "better_price": "Better price available",
        "delivery_cost": "High delivery costs",
        "change_address": "Wrong delivery information",
        "change_payment": "Need to change payment method",
        "change_size": "Need to change color or size",
        "mistake": "Order created by mistake",
        "coupon": "Discount not as expected",
        "not_on_time": "Late shipment",
        "overdue": "Customer overdue to pay",
        "out_of_stock": "Out of stock",
        "pricing_error": "Pricing error",
        "collection_timeout": "Automatically cancelled due to collection time out",
        "risk": "Failed to pass risk review",
        "delivery_failed": "Package delivery failed",
        "rejected": "Package rejected",
        "lost": "Package lost",
    },
    "TH": {
        "no_longer_needed": "ไม่ต้องการแล้ว",
        "better_price": "มีราคาที่ดีกว่า",
        "delivery_cost": "ค่าจัดส่งแพง",
        "change_address": "จำเป็นต้องเปลี่ยนที่อยู่จัดส่ง",
        "change_payment": "ต้องการเปลี่ยนวิธีการชำระเงิน",
        "change_size": "จำเป็นต้องเปลี่ยนสีหรือขนาด",
        "mistake": "สั่งซื้อโดยไม่ตั้งใจ",
        "coupon": "ต้องการใช้คูปองในการสั่งซื้อ",
        "not_on_time": "สินค้าไม่ได้จัดส่งตรงเวลา",
        "overdue": "ลูกค้าปล่อยไว้จนเกินกำหนดชำระเงิน",
        "out_of_stock": "สินค้าหมด",
        "pricing_error": "ข้อผิดพลาดในการกำหนดราคา",
        "collection_timeout": "ยกเลิกโดยอัตโนมัติเนื่องจากเกินเวลาเข้ารับพัสดุ",
        "risk": "ไม่ผ่านการตรวจสอบความเสี่ยง",
        "delivery_failed": "การจัดส่งพัสดุไม่สำเร็จ",
        "rejected": "พัสดุถูกปฏิเสธ",
        "lost": "พัสดุสูญหาย",
    },
    "ID": {
        "no_longer_needed": "Tidak lagi dibutuhkan",
        "better_price": "Ada harga yang lebih baik",
        "delivery_cost": "Biaya pengiriman mahal",
        "change_address": "Perlu mengubah alamat pengiriman",
        "change_payment": "Perlu mengubah metode pembayaran",
        "change_size": "Perlu mengubah warna atau ukuran",
        "mistake": "Salah pesan",
        "coupon": "Perlu menggunakan kupon",
        "not_on_time": "Produk tidak dikirim tepat waktu",
        "overdue": "Pelanggan terlambat membayar",
        "out_of_stock": "Stok habis",
        "pricing_error": "Kesalahan harga",
        "collection_timeout": "Dibatalkan otomatis karena batas waktu pengambilan terlewati",
        "risk": "Gagal lolos tinjauan risiko",
        "delivery_failed": "Pengiriman paket gagal",
        "rejected": "Paket ditolak",
        "lost": "Paket hilang",
    },
    "VN": {
        "no_longer_needed": "Không còn nhu cầu",
        "better_price": "Có giá tốt hơn",
        "delivery_cost": "Phí vận chuyển cao",
        "change_address": "Cần thay đổi địa chỉ giao hàng",
        "change_payment": "Cần thay đổi phương thức thanh toán",
        "change_size": "Cần thay đổi màu sắc hoặc kích thước",
        "mistake": "Đặt hàng nhầm",
        "coupon": "Cần sử dụng mã giảm giá",
        "not_on_time": "Sản phẩm không được gửi đúng hạn",
        "overdue": "Khách hàng quá hạn thanh toán",
        "out_of_stock": "Hết hàng",
        "pricing_error": "Lỗi giá",
        "collection_timeout": "Tự động hủy do quá thời gian lấy hàng",
        "no_delivery_there": "Không thể giao hàng đến địa chỉ khách hàng",
        "risk": "Không vượt qua kiểm tra rủi ro",
        "delivery_failed": "Giao kiện hàng không thành công",
        "rejected": "Kiện hàng bị từ chối",
        "lost": "Kiện hàng bị thất lạc",
    },
    "SG": {
        "no_longer_needed": "不再需要",
        "better_price": "有更优惠的价格",
        "delivery_cost": "运费过高",
        "change_address": "需要更改收货地址",
        "change_payment": "需要更改支付方式",
        "change_size": "需要更改颜色或尺码",
        "mistake": "误下单",
        "coupon": "需要使用优惠券",
    },
}
RETURN_REASONS: dict[str, dict[str, str]] = {
    "US": {
        "not_match": "Item doesn't match description",
        "defective": "Defective item",
        "damaged": "Damaged item or packaging",
        "wrong_product": "Wrong item was sent",
        "missing": "Missing item or parts",
        "no_need": "No longer needed",
        "not_received": "Package wasn't received",
        "late": "Item arrived too late",
        "transit_late": "Product wouldn't arrive on time",
    },
    "GB": {
        "not_match": "Product doesn't match description",
        "defective": "Product is defective or doesn't work",
        "damaged": "Package or product is damaged",
        "wrong_product": "Wrong product was sent",
        "missing": "Missing product or accessories",
        "no_need": "No longer needed",
        "not_received": "Package wasn't received",
        "late": "Missed estimated delivery date",
        "transit_late": "Package didn't arrive on time",
    },
    "TH": {
        "not_match": "สินค้าไม่ตรงกับคำอธิบาย",
        "defective": "สินค้าชำรุดหรือใช้งานไม่ได้",
        "damaged": "พัสดุหรือสินค้าเสียหาย",
        "wrong_product": "ส่งสินค้าผิด",
        "missing": "สินค้าหรืออุปกรณ์ไม่ครบ",
        "no_need": "ไม่ต้องการแล้ว",
        "not_received": "ไม่ได้รับพัสดุ",
        "late": "เลยวันที่จัดส่งโดยประมาณ",
        "transit_late": "สินค้ามาไม่ถึงตามกำหนดเวลา",
    },
    "ID": {
        "not_match": "Produk tidak sesuai deskripsi",
        "defective": "Produk cacat atau tidak berfungsi",
        "damaged": "Paket atau produk rusak",
        "wrong_product": "Produk yang dikirim salah",
        "missing": "Produk atau aksesori kurang",
        "not_received": "Paket tidak diterima",
        "late": "Melewati perkiraan tanggal pengiriman",
    },
    "VN": {
        "not_match": "Sản phẩm không đúng mô tả",
        "defective": "Sản phẩm bị lỗi hoặc không hoạt động",
        "damaged": "Kiện hàng hoặc sản phẩm bị hư hỏng",
        "wrong_product": "Gửi sai sản phẩm",
        "missing": "Thiếu sản phẩm hoặc phụ kiện",
        "not_received": "Không nhận được kiện hàng",
        "late": "Quá ngày giao hàng dự kiến",
    },
    "SG": {"damaged": "包裹或商品破损"},
}
# Wording that no catalog can know: a report has to list it, never to guess.
UNKNOWN_CANCEL = {
    "US": "Gift recipient moved away",
    "GB": "Courier strike announced",
    "TH": "พัสดุติดด่านตรวจ",
    "ID": "Pembeli pindah kota",
    "VN": "Khách đi công tác",
    "SG": "客户出差",
}
UNKNOWN_RETURN = {
    "US": "Too loud for the cat",
    "GB": "Smells of the warehouse",
    "TH": "กลิ่นไม่ถูกใจแมว",
    "ID": "Tidak cocok dengan tirai",
    "VN": "Không hợp phong thủy",
    "SG": "与风水不合",
}


def status(language: str, key: str) -> str:
    """The order status `key` in the interface language."""
    return STATUSES[language][STATUS_KEYS.index(key)]


def substatus(language: str, key: str) -> str:
    """The order substatus `key` in the interface language; unpaid orders have none."""
    return SUBSTATUSES[language][SUBSTATUS_KEYS.index(key)] if key else ""
