// What a screen reader's rules and a narrow screen see of the page that is open; axe was added before.
async (tags) => {
  const options = { runOnly: tags, resultTypes: ["violations"], iframes: false, selectors: false, preload: false };
  const found = await axe.run(document, options);
  const root = document.documentElement;
  const seen = (what) => [...document.querySelectorAll(what)].filter((one) => one.checkVisibility()).length;
  const inside = ".scroll, .listing-table, .board, .tabs, pre, svg, .hidden, .graph-box";
  const wide = [...document.querySelectorAll("main *")].filter(
    (one) => one.getBoundingClientRect().right > root.clientWidth + 1 && !one.closest(inside),
  );
  return {
    violations: found.violations.flatMap((one) =>
      one.nodes.slice(0, 3).map((node) => `${one.id}: ${node.html.slice(0, 200)}`),
    ),
    over: root.scrollWidth - root.clientWidth,
    widest: wide.slice(0, 2).map((one) => one.outerHTML.slice(0, 160)),
    title: document.title,
    headings: seen("h1"),
    mains: seen("main"),
    banners: seen("header.topbar"),
    navs: document.querySelectorAll("nav.side").length,
    tabs: [...document.querySelectorAll('nav.tabs a[href*="tab="]')].map((one) => one.getAttribute("href")),
  };
}
