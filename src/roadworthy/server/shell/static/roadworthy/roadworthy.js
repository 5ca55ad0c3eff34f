// What pages do beyond HTML: copy, close, choose all, and the command palette. Every page works without it.
(() => {
  "use strict";
  const root = document.documentElement;
  root.dataset.js = "on";

  const copy = async (button) => {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
    } catch {
      return;
    }
    button.dataset.done = "";
    document.getElementById("told").textContent = button.dataset.told;
    setTimeout(() => delete button.dataset.done, 1500);
  };

  const folds = () => document.querySelectorAll("details.drop[open]");

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button.copy");
    if (button) copy(button);
    if (event.target.closest("[data-palette]")) {
      event.preventDefault();
      palette.open();
    }
    for (const fold of folds()) if (!fold.contains(event.target)) fold.open = false;
  });

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      palette.open();
    }
    if (event.key === "Escape") {
      for (const fold of folds()) {
        fold.open = false;
        fold.querySelector("summary").focus();
      }
    }
  });

  document.addEventListener("submit", (event) => {
    const question = event.submitter?.dataset.confirm;
    if (question && !window.confirm(question)) event.preventDefault();
  });

  // Lists: choose all rows of the page; the bar says how many are chosen.
  document.addEventListener("change", (event) => {
    const list = event.target.closest("form.bulk");
    if (!list) return;
    const boxes = [...list.querySelectorAll('input[name="ids"]')];
    const all = list.querySelector("input[data-all]");
    if (event.target === all) for (const box of boxes) box.checked = all.checked;
    const chosen = boxes.filter((box) => box.checked).length;
    if (all) {
      all.checked = chosen === boxes.length && chosen > 0;
      all.indeterminate = chosen > 0 && chosen < boxes.length;
    }
    list.querySelector("[data-chosen]").textContent = chosen;
    list.toggleAttribute("data-some", chosen > 0);
  });

  const palette = (() => {
    let dialog, input, list, told, timer, asked = 0, chosen = -1;

    const options = () => [...list.querySelectorAll('[role="option"]')];

    const choose = (place) => {
      const all = options();
      chosen = all.length ? (place + all.length) % all.length : -1;
      all.forEach((option, at) => option.setAttribute("aria-selected", String(at === chosen)));
      if (chosen >= 0) {
        input.setAttribute("aria-activedescendant", all[chosen].id);
        all[chosen].scrollIntoView({ block: "nearest" });
      } else {
        input.removeAttribute("aria-activedescendant");
      }
    };

    const add = (tag, cls, text) => {
      const made = document.createElement(tag);
      made.className = cls;
      made.textContent = text;
      return made;
    };

    const draw = (groups) => {
      list.replaceChildren();
      let number = 0;
      for (const group of groups) {
        const part = add("div", "group", "");
        part.setAttribute("role", "group");
        part.setAttribute("aria-label", group.title);
        const title = add("div", "kind", group.title);
        title.setAttribute("aria-hidden", "true");
        part.append(title);
        for (const hit of group.hits) {
          const option = add("div", "", "");
          option.id = `palette-${number++}`;
          option.setAttribute("role", "option");
          option.dataset.url = hit.url;
          option.append(add("span", "", hit.title), add("span", "about", hit.about));
          part.append(option);
        }
        list.append(part);
      }
      told.hidden = number > 0;
      choose(0);
    };

    const ask = async () => {
      const number = ++asked;
      const address = `${dialog.dataset.url}?format=json&q=${encodeURIComponent(input.value)}`;
      try {
        const answer = await fetch(address, { headers: { Accept: "application/json" } });
        if (answer.ok && number === asked) draw((await answer.json()).groups);
      } catch {
        // Without an answer, Enter still leads to the page of results.
      }
    };

    const go = (option) => window.location.assign(option.dataset.url);

    const start = () => {
      dialog = document.getElementById("palette");
      if (!dialog) return false;
      if (input) return true;
      input = dialog.querySelector("input");
      list = dialog.querySelector('[role="listbox"]');
      told = dialog.querySelector(".none");
      input.addEventListener("input", () => {
        clearTimeout(timer);
        timer = setTimeout(ask, 120);
      });
      input.addEventListener("keydown", (event) => {
        const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
        if (step) {
          event.preventDefault();
          choose(chosen + step);
        } else if (event.key === "Enter" && chosen >= 0) {
          event.preventDefault();
          go(options()[chosen]);
        }
      });
      list.addEventListener("click", (event) => {
        const option = event.target.closest('[role="option"]');
        if (option) go(option);
      });
      dialog.addEventListener("click", (event) => {
        if (event.target === dialog) dialog.close();
      });
      return true;
    };

    return {
      open() {
        if (!start() || dialog.open) return;
        input.value = "";
        dialog.showModal();
        input.focus();
        ask();
      },
    };
  })();
})();
