"""The goods of the sample shops: names of many scripts, with commas and quotes; none is a real product.

Names that try to break a page are made by the tests.
"""

from __future__ import annotations

from cancel_analysis.sample.plans import Product

_MISLEADING = {
    "not_match": 0.36, "defective": 0.006, "damaged": 0.006, "wrong_product": 0.003, "missing": 0.003, "no_need": 0.006,
}  # fmt: skip

HARBOR_HOME = (
    Product("Enamel Camp Mug 12 oz", "Kitchenware", 1490, 16, "HH-MUG", ("White", "Navy", "Sage"), 210),
    Product("Waffle Dish Towel Set", "Kitchenware", 1890, 13, "HH-TWL", ("Oat", "Slate"), 340),
    Product("Rope Doormat 45x75", "Home decor", 2450, 9, "HH-MAT", ("Natural", "Black"), 1600),
    Product("Storm Lantern, tall", "Lighting", 3990, 8, "HH-LMP", ("Brass", "Black"), 900),
    Product('Brass Hook "Captain\'s", set of 4', "Hardware", 1290, 8, "@HH-HOK", ("Small", "Large"), 260),
    Product("Linen Throw,\nextra long", "Textiles", 4590, 7, "HH-THR", ("Sand", "Fog", "Rust"), 1100),
    Product("Sea Salt Candle 🕯️", "Home fragrance", 1690, 11, "HH-CND", ("8 oz", "14 oz"), 480),
    Product("1+1 Coaster Pack", "Kitchenware", 990, 6, "=HH-CST", ("Cork", "Slate"), 200),
    Product("青瓷茶杯 Celadon Tea Cup", "Kitchenware", 2190, 5, "HH-TEA", ("Single", "Pair"), 300),
    Product("Driftwood Picture Frame | 5x7 *handmade*", "Home decor", 2290, 7, "-HH-FRM", ("Natural",), 520),
    Product("Stackable Spice Jar 50% off & more", "Storage", 1590, 10, "HH-JAR", ("6 pcs", "12 pcs"), 1300),
)

LINEN_LANE = (
    Product("Stonewashed Linen Duvet Set", "Bedding", 6900, 11, "LL-DUV", ("Double", "King"), 1900, _MISLEADING),
    Product(
        "Blackout Curtain Pair", "Curtains", 3900, 11, "LL-CUR", ("Grey 168x183", "Navy 168x229"), 2100, _MISLEADING
    ),
    Product("Washed Cotton Pillowcase", "Bedding", 1200, 17, "LL-PIL", ("White", "Clay", "Moss"), 240),
    Product("Hemstitch Napkin, set of 4", "Table linen", 1600, 13, "LL-NAP", ("White", "Oat"), 200),
    Product("Waffle Bath Sheet", "Bath", 2400, 13, "LL-BTH", ("White", "Stone", "Teal"), 620),
    Product('Apron "Sunday roast"', "Table linen", 1800, 8, "LL-APR", ("One size",), 260),
    Product("Herringbone Throw 130x180", "Throws", 3500, 8, "LL-THR", ("Grey", "Mustard"), 1000),
    Product("Lavender Drawer Sachet 🌿", "Home fragrance", 700, 10, "+LL-LAV", ("3 pcs", "6 pcs"), 60),
    Product("茶巾 Tea Towel,\nJapan edition", "Kitchen linen", 900, 9, "LL-TEA", ("Wave", "Crane"), 90),
)

SIAM_BEAUTY = (
    Product("เซรั่มวิตามินซี ผิวกระจ่างใส 30 มล.", "สกินแคร์", 29900, 18, "SB-VTC", ("30 ml", "2 x 30 ml"), 120),
    Product("กันแดดเนื้อบางเบา SPF50+", "สกินแคร์", 25900, 16, "SB-SUN", ("50 ml", "30 ml"), 90),
    Product("ลิปทินท์ติดทน", "เมคอัพ", 15900, 14, "SB-LIP", ("01 กุหลาบ", "02 พีช", "03 อิฐ", "04 เบอร์รี่"), 30),
    Product("มาสก์หน้าข้าวหอมมะลิ 🌾", "สกินแคร์", 9900, 11, "SB-MSK", ("5 แผ่น", "10 แผ่น"), 180),
    Product("โฟมล้างหน้ามะขาม", "สกินแคร์", 12900, 12, "SB-FOM", ("100 g", "150 g"), 170),
    Product("คุชชั่นคุมมัน", "เมคอัพ", 39900, 8, "SB-CUS", ("21", "23"), 80),
    Product("น้ำมันบำรุงผม", "แฮร์แคร์", 19900, 9, "SB-HAR", ("60 ml",), 110),
    Product('สบู่ขมิ้น "สูตรยาย", แพ็ก 3', "ร่างกาย", 8900, 7, "=SB-SOP", ("แพ็ก 3", "แพ็ก 6"), 320),
    Product("泰国香米 手工皂", "ร่างกาย", 11900, 5, "SB-RIC", ("1 ก้อน",), 110),
)

SAIGON_SHOES = (
    Product("Giày sneaker nữ đế êm", "Giày nữ", 289000, 17, "SS-SNK", ("36", "37", "38", "39"), 620),
    Product("Giày chạy bộ nam siêu nhẹ", "Giày nam", 359000, 15, "SS-RUN", ("40", "41", "42", "43"), 680),
    Product("Sandal quai chéo", "Giày nữ", 179000, 13, "SS-SAN", ("36", "37", "38"), 410),
    Product("Dép lê thêu hoa sen", "Dép", 99000, 12, "SS-DEP", ("36-37", "38-39"), 300),
    Product("Giày búp bê mũi vuông", "Giày nữ", 219000, 10, "SS-BUP", ("36", "37", "38"), 380),
    Product("Giày lười da mềm", "Giày nam", 429000, 9, "SS-LOF", ("41", "42"), 700),
    Product("Boot cổ thấp", "Giày nam", 499000, 5, "SS-BOT", ("41", "42"), 980),
    Product("Giày trẻ em 👟", "Giày trẻ em", 159000, 10, "-SS-KID", ("26", "28", "30"), 320),
    Product('Tất cổ ngắn "5 đôi", cotton', "Phụ kiện", 69000, 9, "SS-TAT", ("Trắng", "Đen"), 150),
)

TOKO_GADGET = (
    Product("TWS Earbuds NanoPods 3", "Audio", 158824, 10, "TG-TWS", ("Hitam", "Putih"), 120),
    Product("Power Bank 10.000 mAh Slim", "Aksesori HP", 138824, 9, "TG-PWB", ("Biru", "Abu-abu"), 260),
    Product("Kabel Data USB-C 2 m Anyaman", "Aksesori HP", 38824, 17, "TG-KBL", ("Hitam", "Merah", "Putih"), 60),
    Product("Charger GaN 33 W", "Aksesori HP", 118500, 13, "TG-GAN", ("Putih", "Hitam"), 110),
    Product("Casing Bening Anti Kuning", "Aksesori HP", 24900, 14, "TG-CAS", ("Seri 13", "Seri 14", "Seri 15"), 50),
    Product("Tripod HP Bluetooth", "Fotografi", 87500, 8, "TG-TRI", ("1,0 m", "1,6 m"), 420),
    Product("Lampu LED Meja", "Lampu", 64900, 8, "TG-LED", ("Putih", "RGB 🌈"), 380),
    Product('Speaker Mini "Gelegar", tahan air', "Audio", 129900, 8, "TG-SPK", ("Hitam", "Hijau"), 340),
    Product("1+1 Holder Motor", "Otomotif", 54900, 6, "TG-HLD", ("Spion", "Stang"), 190),
    Product("无线鼠标 Mouse Nirkabel", "Komputer", 72500, 7, "TG-MOU", ("Hitam", "Putih"), 100),
)

ORCHID_IMPORT = (
    Product("手工陶瓷茶壶", "厨房用品", 3250, 3, "OI-POT", ("400 ml", "600 ml"), 700),
    Product("竹制筷子 10 双", "厨房用品", 1250, 4, "OI-CHP", ("原色", "深色"), 180),
    Product("丝绸眼罩", "家居", 990, 2, "OI-EYE", ("粉", "蓝"), 40),
    Product("折叠购物袋 🌸", "家居", 790, 3, "OI-BAG", ("兰花", "波浪"), 70),
)
