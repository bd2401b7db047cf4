//! A real browser without a window, told what to do through two pipes.

use std::cell::{Cell, RefCell};
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use server::machine::tick;

const PLACES: [&str; 3] = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/// A name of this machine that a browser takes for another one's, where it gives pages no cryptography without https.
pub(crate) const PLAIN_NAME: &str = "phuong.example";

/// A browser with a profile of its own that goes with it.
pub(crate) struct Chromium {
    child: Child,
    orders: RefCell<File>,
    answers: RefCell<BufReader<File>>,
    number: Cell<u64>,
    _profile: tempfile::TempDir,
}

/// One page of it.
pub(crate) struct Page<'a> {
    browser: &'a Chromium,
    target: String,
    session: String,
}

impl Chromium {
    /// None where no Chromium is installed.
    pub(crate) fn start() -> Option<Self> {
        let program = PLACES.into_iter().find(|place| Path::new(place).exists())?;
        let profile = tempfile::tempdir().unwrap();
        let [orders, answers] = ["orders", "answers"].map(|name| profile.path().join(name));
        assert!(Command::new("mkfifo").args([&orders, &answers]).status().unwrap().success());
        // The shell gives the browser the two pipes under the numbers that it expects.
        let script = "exec \"$0\" --headless=new --no-sandbox --disable-gpu --no-proxy-server --no-first-run \
                      --disable-background-networking --disable-component-update --remote-debugging-pipe \
                      --host-resolver-rules=\"MAP $4 127.0.0.1\" --user-data-dir=\"$1\" about:blank 3<\"$2\" 4>\"$3\"";
        let mut command = Command::new("sh");
        command
            .args(["-c", script, program])
            .arg(profile.path().join("profile"))
            .args([&orders, &answers])
            .arg(PLAIN_NAME);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let orders = RefCell::new(OpenOptions::new().write(true).open(orders).unwrap());
        let answers = RefCell::new(BufReader::new(File::open(answers).unwrap()));
        Some(Self { child, orders, answers, number: Cell::new(0), _profile: profile })
    }

    /// Opens an address as a phone of 320 points' width would.
    pub(crate) fn page(&self, address: &str) -> Page<'_> {
        let target = self.told(None, "Target.createTarget", json!({ "url": "about:blank" }));
        let target = target["targetId"].as_str().unwrap().to_owned();
        let session = self.told(None, "Target.attachToTarget", json!({ "targetId": target, "flatten": true }));
        let page = Page { browser: self, target, session: session["sessionId"].as_str().unwrap().to_owned() };
        let narrow = json!({ "width": 320, "height": 800, "deviceScaleFactor": 1, "mobile": true });
        page.told("Emulation.setDeviceMetricsOverride", narrow);
        page.told("Page.navigate", json!({ "url": address }));
        page.wait_for("document.readyState === 'complete' && location.pathname !== 'blank'", Duration::from_secs(60));
        page
    }

    fn told(&self, session: Option<&str>, method: &str, parameters: Value) -> Value {
        self.number.set(self.number.get() + 1);
        let mut order = json!({ "id": self.number.get(), "method": method, "params": parameters });
        if let Some(session) = session {
            order["sessionId"] = session.into();
        }
        let mut orders = self.orders.borrow_mut();
        orders.write_all(format!("{order}\0").as_bytes()).unwrap();
        orders.flush().unwrap();
        loop {
            let mut bytes = Vec::new();
            assert!(self.answers.borrow_mut().read_until(0, &mut bytes).unwrap() > 0, "the browser ended");
            bytes.pop();
            let answer: Value = serde_json::from_slice(&bytes).unwrap();
            if answer["id"] == self.number.get() {
                assert!(answer["error"].is_null(), "{method}: {answer}");
                return answer["result"].clone();
            }
        }
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // Whether it has ended already or not, nobody waits for it any more.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Page<'_> {
    /// What an expression says, as text.
    pub(crate) fn value(&self, expression: &str) -> String {
        let told = self.told("Runtime.evaluate", json!({ "expression": expression, "returnByValue": true }));
        assert!(told["exceptionDetails"].is_null(), "{expression}: {told}");
        told["result"]["value"].as_str().map_or_else(|| told["result"]["value"].to_string(), str::to_owned)
    }

    /// Waits until an expression is true.
    pub(crate) fn wait_for(&self, expression: &str, patience: Duration) {
        let began = tick();
        while self.value(expression) != "true" {
            let text = || self.value("document.body ? document.body.innerText : ''");
            assert!(began.elapsed() < patience, "{expression} never came true: {}", text());
            std::thread::yield_now();
        }
    }

    /// Types key by key where the focus is.
    pub(crate) fn types(&self, text: &str) {
        for letter in text.chars() {
            self.told("Input.dispatchKeyEvent", json!({ "type": "keyDown", "text": letter.to_string() }));
            self.told("Input.dispatchKeyEvent", json!({ "type": "keyUp" }));
        }
    }

    pub(crate) fn press_enter(&self) {
        self.told("Input.dispatchKeyEvent", json!({ "type": "keyDown", "key": "Enter", "text": "\r" }));
        self.told("Input.dispatchKeyEvent", json!({ "type": "keyUp", "key": "Enter" }));
    }

    pub(crate) fn close(self) {
        self.browser.told(None, "Target.closeTarget", json!({ "targetId": self.target }));
    }

    fn told(&self, method: &str, parameters: Value) -> Value {
        self.browser.told(Some(&self.session), method, parameters)
    }
}
