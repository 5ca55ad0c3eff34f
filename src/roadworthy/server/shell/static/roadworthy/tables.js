// Tables that are no lists: each cell is told the title of its column, so that a phone can show rows one under another;
// what scrolls can be reached by key. Without this they scroll.
(() => {
  "use strict";
  const ROLES = { THEAD: "rowgroup", TBODY: "rowgroup", TR: "row", TD: "cell" };
  const LONG = 40, LONG_TITLE = 24;

  const stack = (table) => {
    const titles = [...(table.tHead?.rows[0].cells ?? [])].map((cell) => (cell.querySelector(".hidden") ? "" : cell.textContent.trim()));
    table.classList.add("stacks");
    table.setAttribute("role", "table");
    for (const part of table.querySelectorAll("thead, tbody, tr, td")) part.setAttribute("role", ROLES[part.tagName]);
    for (const cell of table.querySelectorAll("th")) cell.setAttribute("role", cell.scope === "row" ? "rowheader" : "columnheader");
    for (const body of table.tBodies) {
      for (const row of body.rows) {
        [...row.cells].forEach((cell, place) => {
          const text = cell.textContent.trim();
          if (cell.colSpan === 1) cell.dataset.label = titles[place] || "";
          cell.classList.toggle("long", text.length > LONG || (titles[place] || "").length > LONG_TITLE || cell.colSpan > 1);
          cell.classList.toggle("bare", !text && !cell.querySelector("svg, input, button"));
        });
      }
    }
  };

  for (const table of document.querySelectorAll("main table:not(.listing-table table, .heat)")) stack(table);

  const reach = () => {
    for (const box of document.querySelectorAll(".scroll, .board")) {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  };
  reach();
  window.addEventListener("resize", reach);
  document.addEventListener("toggle", reach, true);
})();
