(function () {
  "use strict";
  var root = document.documentElement;
  root.classList.add("scripted");

  // colours: as the system says, light, dark
  var theme = document.getElementById("theme");
  var themes = ["auto", "light", "dark"];
  var words = { auto: "colours: as the system says", light: "colours: light", dark: "colours: dark" };
  function show(name) {
    if (name === "auto") { root.removeAttribute("data-theme"); } else { root.setAttribute("data-theme", name); }
    theme.textContent = "Theme: " + name;
    theme.setAttribute("aria-label", words[name]);
  }
  function kept() {
    try { return localStorage.getItem("plast-theme"); } catch (e) { return null; }
  }
  var chosen = themes.indexOf(kept()) >= 0 ? kept() : "auto";
  show(chosen);
  theme.addEventListener("click", function () {
    chosen = themes[(themes.indexOf(chosen) + 1) % themes.length];
    show(chosen);
    try { localStorage.setItem("plast-theme", chosen); } catch (e) { /* not kept */ }
  });

  // headings fold their sections
  document.querySelectorAll("main > section").forEach(function (section) {
    var heading = section.querySelector("h2");
    var content = section.querySelector(".content");
    var button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-expanded", "true");
    button.setAttribute("aria-controls", content.id);
    while (heading.firstChild) { button.appendChild(heading.firstChild); }
    heading.appendChild(button);
    button.addEventListener("click", function () {
      content.hidden = !content.hidden;
      button.setAttribute("aria-expanded", String(!content.hidden));
    });
  });

  // whoever follows a link sees what it leads to
  function reveal() {
    var id;
    try { id = decodeURIComponent(location.hash.slice(1)); } catch (e) { return; }
    var target = id && document.getElementById(id);
    if (!target) { return; }
    for (var at = target; at; at = at.parentElement) {
      if (at.tagName === "DETAILS") { at.open = true; }
      if (at.hidden && at.classList.contains("content")) {
        at.parentElement.querySelector("h2 > button").click();
      }
    }
    target.scrollIntoView();
  }
  window.addEventListener("hashchange", reveal);
  reveal();

  // all of it on paper
  var opened = [];
  window.addEventListener("beforeprint", function () {
    opened = Array.prototype.filter.call(document.querySelectorAll("details"), function (d) { return !d.open; });
    opened.forEach(function (d) { d.open = true; });
  });
  window.addEventListener("afterprint", function () { opened.forEach(function (d) { d.open = false; }); });

  // the keyboard stops only at boxes that scroll
  function stops() {
    document.querySelectorAll("main .scroll:not(.plot), main pre, main .equation").forEach(function (box) {
      if (box.scrollWidth > box.clientWidth + 1) { box.setAttribute("tabindex", "0"); } else { box.removeAttribute("tabindex"); }
    });
  }
  window.addEventListener("resize", stops);
  document.addEventListener("toggle", stops, true);
  stops();

  // copying
  function select(node) {
    var range = document.createRange();
    range.selectNodeContents(node);
    var selection = window.getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
  }
  document.querySelectorAll("button[data-copy]").forEach(function (button) {
    var what = document.getElementById(button.getAttribute("data-copy"));
    var said = button.parentElement.querySelector(".copied");
    button.addEventListener("click", function () {
      function fallback() {
        select(what);
        var done = false;
        try { done = document.execCommand("copy"); } catch (e) { done = false; }
        said.textContent = done ? "Copied" : "Selected: copy it with the keyboard";
      }
      if (navigator.clipboard && navigator.clipboard.writeText) {
        navigator.clipboard.writeText(what.textContent).then(function () { said.textContent = "Copied"; }, fallback);
      } else {
        fallback();
      }
    });
  });
})();
