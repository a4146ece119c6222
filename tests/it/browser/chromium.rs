//! A headless Chromium, driven over the pipe of its DevTools protocol: JSON with a zero byte behind each message.
//! The protocol is small where one needs little of it, and a pipe needs no port, no web socket and no crate.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use tempfile::TempDir;

/// How long an answer may take; pages are small, but the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(60);

/// The browser with one page open.
pub struct Browser {
    child: Child,
    to: ChildStdin,
    from: Receiver<Value>,
    last: u64,
    session: Option<String>,
    /// What the page has told unasked.
    events: Vec<Value>,
    /// Whether pages may run scripts.
    scripts: bool,
    _profile: TempDir,
}

/// The browser of this machine: `PLAST_CHROMIUM`, or the first of the usual names on the path.
pub fn find() -> Option<String> {
    if let Ok(named) = std::env::var("PLAST_CHROMIUM") {
        return Some(named);
    }
    let runs = |name: &&str| {
        let tried = Command::new(name).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        tried.is_ok_and(|s| s.success())
    };
    ["chromium", "chromium-browser", "google-chrome"].into_iter().find(runs).map(str::to_string)
}

impl Browser {
    pub fn start(program: &str) -> Self {
        let profile = tempfile::tempdir().unwrap();
        // the protocol's pipe is descriptors 3 and 4; a shell can put our pipes there
        let mut child = Command::new("sh")
            .args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 >&2", program])
            .args(["--headless=new", "--remote-debugging-pipe", "--no-first-run", "--disable-gpu"])
            // root has no sandbox, and the page is ours
            .args(["--no-sandbox", "--disable-dev-shm-usage", "--hide-scrollbars"])
            .args(["--disable-background-networking", "--disable-component-update"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let to = child.stdin.take().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let (sender, from) = channel();
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            while out.read_until(0, &mut bytes).is_ok_and(|n| n > 0) {
                bytes.pop();
                let message = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
                bytes.clear();
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        let mut browser = Self {
            child,
            to,
            from,
            last: 0,
            session: None,
            events: Vec::new(),
            scripts: true,
            _profile: profile,
        };
        let target = browser.call("Target.createTarget", json!({ "url": "about:blank" }));
        let attached =
            browser.call("Target.attachToTarget", json!({ "targetId": target["targetId"], "flatten": true }));
        browser.session = Some(attached["sessionId"].as_str().unwrap().to_string());
        for domain in ["Page", "Runtime", "Log", "Network", "DOM"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        browser.size(1200, 900);
        browser.media("", &[]);
        browser
    }

    /// Asks for something and waits for the answer.
    pub fn call(&mut self, method: &str, params: Value) -> Value {
        self.last += 1;
        let mut message = json!({ "id": self.last, "method": method, "params": params });
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        self.to.write_all(format!("{message}\0").as_bytes()).unwrap();
        loop {
            let answer = self.from.recv_timeout(PATIENCE).unwrap_or_else(|e| panic!("{method}: {e}"));
            if answer["id"] == json!(self.last) {
                assert!(answer.get("error").is_none(), "{method}: {answer}");
                return answer["result"].clone();
            }
            self.events.push(answer);
        }
    }

    /// Opens a page and waits until it is there.
    pub fn open(&mut self, url: &str) {
        self.events.clear();
        self.call("Page.navigate", json!({ "url": url }));
        while !self.events.iter().any(|e| e["method"] == "Page.loadEventFired") {
            let event = self.from.recv_timeout(PATIENCE).unwrap_or_else(|e| panic!("{url}: {e}"));
            self.events.push(event);
        }
        self.settle();
    }

    /// Waits until everything that was asked for is drawn.
    pub fn settle(&mut self) {
        if !self.scripts {
            return;
        }
        self.js("new Promise(r => requestAnimationFrame(() => requestAnimationFrame(() => r(true))))");
    }

    /// Whether pages may run scripts of their own.
    pub fn allow_scripts(&mut self, allowed: bool) {
        self.call("Emulation.setScriptExecutionDisabled", json!({ "value": !allowed }));
        self.scripts = allowed;
    }

    /// The value of an expression of the page.
    pub fn js(&mut self, expression: &str) -> Value {
        let asked = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true, "userGesture": true });
        let answer = self.call("Runtime.evaluate", asked);
        assert!(answer.get("exceptionDetails").is_none(), "{expression}: {}", answer["exceptionDetails"]);
        answer["result"]["value"].clone()
    }

    pub fn text(&mut self, expression: &str) -> String {
        self.js(expression).as_str().unwrap_or_else(|| panic!("{expression} is no text")).to_string()
    }

    pub fn number(&mut self, expression: &str) -> f64 {
        self.js(expression).as_f64().unwrap_or_else(|| panic!("{expression} is no number"))
    }

    pub fn truth(&mut self, expression: &str) -> bool {
        self.js(expression).as_bool().unwrap_or_else(|| panic!("{expression} is no truth"))
    }

    /// What went wrong on the page: errors on its console, and requests for anything but itself.
    pub fn faults(&self) -> Vec<String> {
        let fault = |e: &Value| match e["method"].as_str()? {
            "Runtime.exceptionThrown" => Some(e["params"]["exceptionDetails"].to_string()),
            "Runtime.consoleAPICalled" if e["params"]["type"] != "log" => Some(e["params"].to_string()),
            "Log.entryAdded" => Some(e["params"]["entry"].to_string()),
            "Network.requestWillBeSent" => {
                let request = &e["params"];
                let url = request["request"]["url"].as_str()?;
                let own = request["type"] == "Document" && url.starts_with("file:");
                (!own && !url.starts_with("data:")).then(|| format!("asks for {url}"))
            }
            _ => None,
        };
        self.events.iter().filter_map(fault).collect()
    }

    /// The size of the window, in pixels of the page.
    pub fn size(&mut self, width: u32, height: u32) {
        let mobile = width < 600;
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile });
        self.call("Emulation.setDeviceMetricsOverride", size);
    }

    /// What the system says of a page's surroundings: `prefers-color-scheme`, `print`. Nothing moves by itself, so that
    /// a place stays where it was read.
    pub fn media(&mut self, media: &str, features: &[(&str, &str)]) {
        let still = [("prefers-reduced-motion", "reduce")];
        let features: Vec<Value> = features
            .iter()
            .chain(&still)
            .map(|(name, value)| json!({ "name": name, "value": value }))
            .collect();
        self.call("Emulation.setEmulatedMedia", json!({ "media": media, "features": features }));
    }

    /// The middle of an element, once it is in sight.
    pub fn middle(&mut self, selector: &str) -> (f64, f64) {
        let place = self.js(&format!(
            "(() => {{ const e = document.querySelector({selector:?}); \
             e.scrollIntoView({{ block: 'center', behavior: 'instant' }}); \
             const r = e.getBoundingClientRect(); return [r.x + r.width/2, r.y + r.height/2]; }})()"
        ));
        (place[0].as_f64().unwrap(), place[1].as_f64().unwrap())
    }

    pub fn mouse(&mut self, kind: &str, (x, y): (f64, f64), more: Value) {
        let mut event = json!({ "type": kind, "x": x, "y": y });
        for (key, value) in more.as_object().into_iter().flatten() {
            event[key] = value.clone();
        }
        self.call("Input.dispatchMouseEvent", event);
    }

    pub fn click(&mut self, selector: &str) {
        let at = self.middle(selector);
        let left = json!({ "button": "left", "buttons": 1, "clickCount": 1 });
        self.mouse("mouseMoved", at, json!({}));
        self.mouse("mousePressed", at, left.clone());
        self.mouse("mouseReleased", at, left);
        self.settle();
    }

    /// Presses a key: `Tab`, `Enter`, `+`.
    pub fn key(&mut self, key: &str) {
        let code = match key {
            "Tab" => 9,
            "Enter" => 13,
            " " => 32,
            "ArrowLeft" => 37,
            "ArrowRight" => 39,
            _ => key.chars().next().map_or(0, |c| c as u32),
        };
        let text = match key {
            "Enter" => "\r",
            key if key.chars().count() == 1 => key,
            _ => "",
        };
        let mut down = json!({ "type": "keyDown", "key": key, "windowsVirtualKeyCode": code });
        if !text.is_empty() {
            down["text"] = json!(text);
        }
        self.call("Input.dispatchKeyEvent", down);
        self.call(
            "Input.dispatchKeyEvent",
            json!({ "type": "keyUp", "key": key, "windowsVirtualKeyCode": code }),
        );
        self.settle();
    }

    /// The page on paper, as the base 64 of a PDF.
    pub fn pdf(&mut self) -> String {
        let printed = self.call("Page.printToPDF", json!({ "printBackground": false }));
        printed["data"].as_str().unwrap().to_string()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.session = None;
        let close = json!({ "id": 0, "method": "Browser.close" });
        let _ = self.to.write_all(format!("{close}\0").as_bytes());
        // it goes by itself once its pipe is closed; if not, it is made to
        for _ in 0..100 {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
