(function () {
  "use strict";
  var SVG = "http://www.w3.org/2000/svg";
  var minus = "\u2212";

  function make(name, attributes, parent) {
    var node = document.createElementNS(SVG, name);
    for (var key in attributes) { node.setAttribute(key, attributes[key]); }
    if (parent) { parent.appendChild(node); }
    return node;
  }
  function button(parent, text, label, act) {
    var node = document.createElement("button");
    node.type = "button";
    node.textContent = text;
    if (label) { node.setAttribute("aria-label", label); }
    node.addEventListener("click", act);
    parent.appendChild(node);
    return node;
  }
  function shown(v, digits) {
    if (v === null || v === undefined) { return "none"; }
    var text = String(Number(v.toPrecision(digits || 6)));
    return text.replace("-", minus);
  }
  function quantity(v, scale, digits) {
    var text = shown(v, digits);
    return scale.unit && v !== null ? text + " " + scale.unit : text;
  }
  // the place of the number nearest to v in a list that ascends
  function nearest(list, v) {
    var low = 0, high = list.length - 1;
    if (high < 0) { return -1; }
    while (high - low > 1) {
      var middle = (low + high) >> 1;
      if (list[middle] < v) { low = middle; } else { high = middle; }
    }
    return Math.abs(list[high] - v) < Math.abs(list[low] - v) ? high : low;
  }
  function ticks(lo, hi, most) {
    var rough = (hi - lo) / most, power = Math.pow(10, Math.floor(Math.log10(rough)));
    var step = [1, 2, 5, 10].map(function (n) { return n * power; }).find(function (s) { return s >= rough * 0.999; });
    var found = [];
    for (var i = Math.ceil(lo / step - 1e-9); i * step <= hi + step * 1e-9; i++) { found.push(i * step); }
    return { at: found, digits: Math.max(0, -Math.floor(Math.log10(step) + 1e-9)) };
  }

  document.querySelectorAll("figure.figure").forEach(function (figure) {
    var data = JSON.parse(figure.querySelector("script").textContent);
    var box = figure.querySelector(".plot"), svg = box.querySelector("svg");
    var nodes = svg.querySelectorAll(".plast-panel");
    var hidden = {};
    var readout = document.createElement("p");
    readout.className = "readout";
    readout.setAttribute("role", "status");
    var tools = document.createElement("div");
    tools.className = "figure-tools";

    var panels = data.panels.map(function (panel, i) {
      var node = nodes[i];
      if (!node) { return null; }
      var area = node.getAttribute("data-area").split(" ").map(Number);
      var own = { data: panel, node: node, x: area[0], y: area[1], w: area[2], h: area[3] };
      own.zooms = !!panel.curves && !panel.x.names && panel.curves.some(function (c) { return c.line; });
      own.cursor = make("g", { "class": "plast-cursor", "pointer-events": "none" }, node);
      if (own.zooms) { prepare(own); }
      return own;
    });
    var zooms = panels.some(function (p) { return p && p.zooms; });
    // the part of the horizontal axis in sight, and where the cursor is
    var view = [0, 1], cursor = null;

    // what is to be moved gets a group of its own, inside the one that cuts it off
    function prepare(p) {
      p.ticks = p.node.querySelector(".plast-x");
      p.ticksAsDrawn = p.ticks.innerHTML;
      p.layers = [".plast-curves", ".plast-phases"].map(function (name) {
        var outer = p.node.querySelector(name), inner = make("g", {});
        while (outer.firstChild) { inner.appendChild(outer.firstChild); }
        outer.appendChild(inner);
        return { outer: outer, inner: inner };
      });
      p.clip = p.layers[0].outer.getAttribute("clip-path");
    }
    function sees(c) { return c.key === null || !hidden[c.key]; }
    function value(p, part) { return p.data.x.lo + part * (p.data.x.hi - p.data.x.lo); }
    function part(p, x) { return (x - p.data.x.lo) / (p.data.x.hi - p.data.x.lo); }
    function pixel(p, x) { return p.x + p.w * (part(p, x) - view[0]) / (view[1] - view[0]); }

    // curves with all the points the page has, drawn once someone looks closer
    function refine(p) {
      if (p.refined) { return; }
      p.refined = true;
      p.data.curves.forEach(function (c, i) {
        var path = p.node.querySelector("g[data-curve='" + i + "'] > path.plast-curve");
        if (!path || !c.line) { return; }
        var d = "", pen = "M";
        for (var k = 0; k < c.x.length; k++) {
          if (c.y[k] === null) { pen = "M"; continue; }
          var y = p.y + p.h * (1 - (c.y[k] - p.data.y.lo) / (p.data.y.hi - p.data.y.lo));
          d += pen + (p.x + p.w * part(p, c.x[k])).toFixed(4) + " " + y.toFixed(2);
          pen = "L";
        }
        if (d) { path.setAttribute("d", d); }
      });
    }
    function draw(p) {
      var all = view[0] === 0 && view[1] === 1, k = 1 / (view[1] - view[0]);
      p.node.classList.toggle("zoomed", !all);
      if (!all) { refine(p); }
      p.layers.forEach(function (layer, i) {
        if (all) { layer.inner.removeAttribute("transform"); }
        else { layer.inner.setAttribute("transform", "translate(" + (p.x - k * (p.x + view[0] * p.w)) + " 0) scale(" + k + " 1)"); }
        if (i === 1) {
          if (all) { layer.outer.removeAttribute("clip-path"); } else { layer.outer.setAttribute("clip-path", p.clip); }
        }
      });
      if (all) { p.ticks.innerHTML = p.ticksAsDrawn; return; }
      p.ticks.textContent = "";
      var lo = value(p, view[0]), hi = value(p, view[1]);
      var marks = ticks(lo, hi, Math.max(3, Math.floor(p.w / 80)));
      marks.at.forEach(function (x) {
        var at = pixel(p, x), bottom = p.y + p.h;
        make("line", { x1: at, x2: at, y1: bottom, y2: bottom + 4, stroke: "currentColor", "stroke-opacity": 0.35 }, p.ticks);
        var anchor = at < p.x + 12 ? "start" : at > p.x + p.w - 12 ? "end" : "middle";
        var text = make("text", { x: at, y: bottom + 17, "font-size": 11, "text-anchor": anchor, fill: "currentColor", "fill-opacity": 0.85 }, p.ticks);
        text.textContent = x.toFixed(marks.digits).replace("-", minus);
      });
    }
    function zoomTo(lo, hi) {
      var span = Math.min(1, Math.max(hi - lo, 2e-4));
      lo = Math.min(Math.max(0, lo), 1 - span);
      view = span > 0.9999 ? [0, 1] : [lo, lo + span];
      panels.forEach(function (p) { if (p && p.zooms) { draw(p); } });
      if (cursor) { point(cursor.panel, cursor.x, cursor.y); }
      states();
      box.setAttribute("data-view", view[0].toFixed(6) + " " + view[1].toFixed(6));
    }
    function zoomBy(factor, around) {
      var at = around === undefined ? (view[0] + view[1]) / 2 : around;
      zoomTo(at - (at - view[0]) * factor, at + (view[1] - at) * factor);
    }
    function middle() {
      return cursor && cursor.panel.zooms ? part(cursor.panel, cursor.x) : undefined;
    }

    // what the curves are at a place of the horizontal axis
    function point(p, x, height) {
      p.cursor.textContent = "";
      panels.forEach(function (other) { if (other && other !== p) { other.cursor.textContent = ""; } });
      var near = null, gap = Infinity, said = [];
      p.data.curves.forEach(function (c, i) {
        if (!sees(c)) { return; }
        var k = nearest(c.x, x);
        if (k >= 0 && Math.abs(c.x[k] - x) < gap) { gap = Math.abs(c.x[k] - x); near = c.x[k]; }
      });
      if (near === null) { readout.textContent = ""; return; }
      cursor = { panel: p, x: near, y: height };
      var at = pixel(p, near);
      var slack = (p.data.x.hi - p.data.x.lo) * 0.02;
      p.data.curves.forEach(function (c, i) {
        if (!sees(c)) { return; }
        var k = nearest(c.x, near);
        if (k < 0 || Math.abs(c.x[k] - near) > slack || c.y[k] === null) { return; }
        var y = p.y + p.h * (1 - (c.y[k] - p.data.y.lo) / (p.data.y.hi - p.data.y.lo));
        said.push({ c: c, value: c.y[k], x: c.x[k], y: y, gap: height === undefined ? 0 : Math.abs(y - height) });
      });
      if (at >= p.x - 0.5 && at <= p.x + p.w + 0.5) {
        make("line", { x1: at, x2: at, y1: p.y, y2: p.y + p.h, stroke: "currentColor", "stroke-opacity": 0.6 }, p.cursor);
      }
      var many = said.length > 8;
      if (many) { said.sort(function (a, b) { return a.gap - b.gap; }); }
      var rest = many ? said.length - 4 : 0;
      said = many ? said.slice(0, 4) : said;
      said.forEach(function (s) {
        make("circle", { cx: pixel(p, s.x), cy: s.y, r: 3.5, fill: "none", stroke: "currentColor", "stroke-width": 1.5 }, p.cursor);
      });
      var where = p.data.x.names ? p.data.x.names[Math.round(near)] : (p.data.x.label ? p.data.x.label + " " : "") + quantity(near, p.data.x, 8);
      var phase = p.data.phases.filter(function (f) { return near >= f[1] && near <= f[2]; }).map(function (f) { return f[0]; });
      var head = (p.data.title ? p.data.title + ": " : "") + where + (phase.length ? " (" + phase[0] + ")" : "");
      var values = said.map(function (s) {
        var key = s.c.key === null ? null : data.keys[s.c.key];
        var name = key && key.name ? key.name : p.data.y.label;
        return (name ? name + " " : "") + quantity(s.value, p.data.y);
      });
      readout.textContent = head + " \u00b7 " + values.join(" \u00b7 ") + (rest > 0 ? " \u00b7 and " + rest + " more curves" : "");
    }
    function cell(p, x, y) {
      var g = p.data;
      var column = Math.min(g.columns - 1, Math.max(0, Math.floor((x - p.x) / p.w * g.columns)));
      var row = Math.min(g.rows - 1, Math.max(0, Math.floor((y - p.y) / p.h * g.rows)));
      panels.forEach(function (other) { if (other) { other.cursor.textContent = ""; } });
      cursor = { panel: p, row: row, column: column };
      make("rect", { x: p.x + column * p.w / g.columns, y: p.y + row * p.h / g.rows, width: p.w / g.columns, height: p.h / g.rows,
        fill: "none", stroke: "currentColor", "stroke-width": 1.5 }, p.cursor);
      var name = function (names, axis, i) { return names ? names[i] : (axis ? axis + " " : "") + i; };
      var value = g.values.length ? quantity(g.values[row * g.columns + column], g.y, 5) : "";
      readout.textContent = (g.title ? g.title + ": " : "") + name(g.rowNames, g.row, row) + ", " + name(g.columnNames, g.column, column)
        + (value ? " \u00b7 " + value : "");
    }
    function place(event) {
      var to = svg.getScreenCTM().inverse();
      var at = new DOMPoint(event.clientX, event.clientY).matrixTransform(to);
      var p = panels.find(function (p) { return p && at.x >= p.x && at.x <= p.x + p.w && at.y >= p.y && at.y <= p.y + p.h; });
      return { panel: p, x: at.x, y: at.y };
    }
    function partAt(p, x) { return view[0] + (x - p.x) / p.w * (view[1] - view[0]); }
    function partOf(p, x) { return p.zooms ? partAt(p, x) : (x - p.x) / p.w; }
    function look(at) {
      if (!at.panel) { return; }
      if (at.panel.data.curves) { point(at.panel, value(at.panel, partOf(at.panel, at.x)), at.y); } else { cell(at.panel, at.x, at.y); }
    }

    // the pointer: reading off, and choosing a stretch by dragging
    var drag = null;
    svg.addEventListener("pointermove", function (event) {
      var at = place(event);
      if (drag) {
        var x = Math.min(Math.max(at.x, drag.panel.x), drag.panel.x + drag.panel.w);
        drag.to = x;
        drag.shape.setAttribute("x", Math.min(drag.from, x));
        drag.shape.setAttribute("width", Math.abs(x - drag.from));
        return;
      }
      look(at);
    });
    svg.addEventListener("pointerdown", function (event) {
      var at = place(event);
      look(at);
      if (event.pointerType !== "mouse" || event.button !== 0 || !at.panel || !at.panel.zooms) { return; }
      drag = { panel: at.panel, from: at.x, to: at.x };
      drag.shape = make("rect", { x: at.x, y: at.panel.y, width: 0, height: at.panel.h, "class": "plast-drag" }, at.panel.node);
      svg.setPointerCapture(event.pointerId);
    });
    function drop() {
      if (!drag) { return; }
      var d = drag;
      drag = null;
      d.shape.remove();
      var a = partAt(d.panel, Math.min(d.from, d.to)), b = partAt(d.panel, Math.max(d.from, d.to));
      if (Math.abs(d.to - d.from) > 4) { zoomTo(a, b); }
    }
    svg.addEventListener("pointerup", drop);
    svg.addEventListener("pointercancel", function () { if (drag) { drag.shape.remove(); drag = null; } });
    svg.addEventListener("dblclick", function () { if (zooms) { zoomTo(0, 1); } });
    // the wheel moves the page, unless the figure was chosen
    box.addEventListener("wheel", function (event) {
      if (!zooms || !(event.ctrlKey || event.metaKey || document.activeElement === box)) { return; }
      var at = place(event);
      if (!at.panel || !at.panel.zooms) { return; }
      event.preventDefault();
      zoomBy(event.deltaY < 0 ? 0.8 : 1.25, partAt(at.panel, at.x));
    }, { passive: false });

    // the keyboard: one sample on, one back, closer, farther
    function step(by) {
      var p = cursor ? cursor.panel : panels.find(function (p) { return p; });
      if (!p) { return; }
      if (!p.data.curves) {
        var n = p.data.rows * p.data.columns;
        var k = cursor ? cursor.row * p.data.columns + cursor.column + by : 0;
        k = Math.min(n - 1, Math.max(0, k));
        cell(p, p.x + (k % p.data.columns + 0.5) * p.w / p.data.columns, p.y + (Math.floor(k / p.data.columns) + 0.5) * p.h / p.data.rows);
        return;
      }
      var c = p.data.curves.find(sees);
      if (!c || !c.x.length) { return; }
      var lo = value(p, p.zooms ? view[0] : 0);
      var k = cursor ? nearest(c.x, cursor.x) + by : Math.max(0, nearest(c.x, lo));
      k = Math.min(c.x.length - 1, Math.max(0, k));
      var at = part(p, c.x[k]);
      if (p.zooms && (at < view[0] || at > view[1])) {
        var span = view[1] - view[0];
        zoomTo(at - span / 2, at + span / 2);
      }
      point(p, c.x[k]);
    }
    box.addEventListener("keydown", function (event) {
      if (event.ctrlKey || event.altKey || event.metaKey) { return; }
      var far = event.shiftKey ? 10 : 1;
      switch (event.key) {
        case "ArrowLeft": step(-far); break;
        case "ArrowRight": step(far); break;
        case "+": case "=": if (zooms) { zoomBy(0.5, middle()); } break;
        case "-": if (zooms) { zoomBy(2, middle()); } break;
        case "0": case "Escape": if (zooms) { zoomTo(0, 1); } break;
        default: return;
      }
      event.preventDefault();
    });

    var reset, out, keys = [];
    function states() {
      if (!zooms) { return; }
      var all = view[0] === 0 && view[1] === 1;
      reset.disabled = all;
      out.disabled = all;
    }
    if (zooms) {
      button(tools, "+", "zoom in", function () { zoomBy(0.5, middle()); }).className = "zoom-in";
      out = button(tools, minus, "zoom out", function () { zoomBy(2, middle()); });
      out.className = "zoom-out";
      reset = button(tools, "Reset", "reset the zoom", function () { zoomTo(0, 1); });
      reset.className = "zoom-reset";
      states();
    }
    if (data.keys.length > 1 && data.keys.length <= 24) {
      data.keys.forEach(function (key, j) {
        var groups = [];
        panels.forEach(function (p) {
          if (!p || !p.data.curves) { return; }
          p.data.curves.forEach(function (c, i) {
            if (c.key === j) { groups.push(p.node.querySelector("g[data-curve='" + i + "']")); }
          });
        });
        var node = button(tools, key.name, null, function () {
          hidden[j] = !hidden[j];
          node.setAttribute("aria-pressed", String(!hidden[j]));
          groups.forEach(function (g) { if (g) { g.style.display = hidden[j] ? "none" : ""; } });
        });
        node.className = "curve-key";
        node.setAttribute("aria-pressed", "true");
        var ink = groups[0] && groups[0].querySelector("[stroke]:not([stroke=none]), [fill]:not([fill=none])");
        var color = ink && (ink.getAttribute("stroke") || ink.getAttribute("fill"));
        var swatch = document.createElement("span");
        swatch.className = key.control ? "swatch dashed" : "swatch";
        if (color) { swatch.style.borderColor = color; }
        node.insertBefore(swatch, node.firstChild);
        keys.push(node);
      });
    }
    box.setAttribute("aria-label", box.getAttribute("aria-label") + (zooms
      ? ". Arrow keys read values, plus and minus zoom, 0 resets; drag to choose a stretch"
      : ". Arrow keys read values"));
    box.classList.add("live");
    readout.textContent = zooms ? "Point at a curve to read it; drag, or + and " + minus + ", to look closer" : "Point at the figure to read it";
    figure.appendChild(tools);
    figure.appendChild(readout);
  });
})();
