(function () {
  "use strict";
  // A table is a stop of the keyboard only while it scrolls.
  function stops() {
    document.querySelectorAll(".scroll").forEach(function (box) {
      if (box.scrollWidth > box.clientWidth + 1) box.setAttribute("tabindex", "0");
      else box.removeAttribute("tabindex");
    });
  }
  addEventListener("resize", stops);
  stops();
  // Search, choice and order of the shops. Without this script the page is a plain table in the same order.
  var table = document.querySelector("table.many");
  if (!table) return;
  var form = document.querySelector("form.choose"), body = table.tBodies[0], said = form.querySelector("output");
  var rows = Array.prototype.slice.call(body.rows), first = rows.slice();
  var parts = [form.elements.find, form.elements.verdict, form.elements.market];
  var texts = rows.map(function (row) { return row.querySelector("th").textContent.toLowerCase(); });
  form.hidden = false;
  function written(number) { return number.toLocaleString(document.documentElement.lang); }
  function choose() {
    var find = parts[0].value.trim().toLowerCase(), verdict = parts[1].value, market = parts[2].value, shown = 0;
    rows.forEach(function (row, at) {
      var fits = (!find || texts[at].indexOf(find) >= 0) && (!verdict || row.dataset.verdict === verdict) &&
        (!market || row.dataset.market === market);
      row.hidden = !fits;
      if (fits) shown += 1;
    });
    said.textContent = form.dataset.shown.replace("{shown}", written(shown)).replace("{count}", written(rows.length));
    keep();
  }
  // The choice stands in the page's address, so that it can be sent and comes back with the back key.
  var order = "";
  function keep() {
    var found = new URLSearchParams();
    parts.forEach(function (part) { if (part.value) found.set(part.name, part.value); });
    if (order) found.set("sort", order);
    var text = found.toString();
    try { history.replaceState(null, "", text ? "#" + text : location.pathname + location.search); } catch (error) { /* a page without an address */ }
  }
  var heads = Array.prototype.slice.call(table.tHead.rows[0].cells);
  // A column of numbers only is sorted by size; a shop that is called 7 stands among the names.
  function values(at) {
    var texts = first.map(function (row) { return row.cells[at].getAttribute("data-v") || null; });
    return texts.some(isNaN) ? texts : texts.map(function (text) { return text === null ? null : Number(text); });
  }
  function sort(at, descending) {
    var given = values(at);
    var found = first.map(function (row, place) { return { row: row, place: place, value: given[place] }; });
    found.sort(function (a, b) {
      // What is not known stands last, whichever way.
      if (a.value === null || b.value === null) return (a.value === null) - (b.value === null) || a.place - b.place;
      var way = typeof a.value === "string" ? a.value.localeCompare(b.value) : a.value - b.value;
      return (descending ? -way : way) || a.place - b.place;
    });
    heads.forEach(function (head, place) {
      if (place === at) head.setAttribute("aria-sort", descending ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    });
    order = at + (descending ? "-" : "");
    found.forEach(function (each) { body.appendChild(each.row); });
    keep();
  }
  heads.forEach(function (head, at) {
    var kind = head.getAttribute("data-sort");
    if (!kind) return;
    var button = document.createElement("button");
    button.type = "button";
    while (head.firstChild) button.appendChild(head.firstChild);
    head.appendChild(button);
    button.addEventListener("click", function () {
      var now = head.getAttribute("aria-sort");
      sort(at, now ? now === "ascending" : kind === "down");
    });
  });
  form.addEventListener("input", choose);
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  form.addEventListener("reset", function () {
    heads.forEach(function (head) { head.removeAttribute("aria-sort"); });
    order = "";
    first.forEach(function (row) { body.appendChild(row); });
    setTimeout(choose, 0);
  });
  var given = new URLSearchParams(location.hash.slice(1));
  parts.forEach(function (part) { if (given.get(part.name)) part.value = given.get(part.name); });
  var sorted = /^(\d+)(-?)$/.exec(given.get("sort") || "");
  if (sorted && heads[sorted[1]] && heads[sorted[1]].getAttribute("data-sort")) sort(Number(sorted[1]), sorted[2] === "-");
  choose();
})();
