// Opens an answer in this browser. The code that is typed goes into no address, store, form or request: the only thing
// that is fetched is the list of all public files, the same for everybody. The sealing is that of model::feedback::replies,
// the check symbol that of model::slip.
"use strict";

(() => {
  const SYMBOLS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
  const GROUPS = 4;
  const GROUP_SYMBOLS = 4;
  const SYMBOL_BITS = 5n;
  const CODE_BYTES = 8;
  const NONCE_BYTES = 12;
  const LENGTH_BYTES = 2;
  const VERSION = 1;
  const ROUNDS_MOST = 10_000_000;
  const FETCH_TRIES_PAUSE_MS = 2_000;

  const byId = (id) => document.getElementById(id);
  const inputs = [1, 2, 3, 4].map((number) => byId(`group-${number}`));
  const marks = [1, 2, 3, 4].map((number) => byId(`mark-${number}`));
  const look = byId("look");

  // What stands there for a browser that runs no script, or not this one.
  byId("no-script").hidden = true;
  if (!window.crypto || !window.crypto.subtle) {
    byId("no-crypto").hidden = false;
    return;
  }
  byId("asking").hidden = false;

  const encoder = new TextEncoder();
  const bytesOfHex = (hex) => Uint8Array.from(hex.match(/../g) || [], (pair) => parseInt(pair, 16));
  const bytesOfBase64 = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  const typed = (text) => text.toUpperCase().replace(/[\s.\-–]/g, "");
  const group = (index) => typed(inputs[index].value);

  // What everybody fetches. A failure is forgotten after a moment, so that the next look tries again.
  let fetching = null;
  const files = () => {
    if (fetching === null) {
      fetching = fetchFiles();
      fetching.catch(() => setTimeout(() => { fetching = null; }, FETCH_TRIES_PAUSE_MS));
    }
    return fetching;
  };
  const fetchFiles = async () => {
    const answered = await fetch("/v1/replies", { credentials: "omit", referrerPolicy: "no-referrer" });
    if (!answered.ok) { throw new Error("the files cannot be fetched"); }
    const read = (await answered.json()).map((text) => JSON.parse(text));
    return read.filter((file) => file.version === VERSION && file.rounds > 0 && file.rounds <= ROUNDS_MOST);
  };

  // Five bits of a hash over fingerprint, group and symbols.
  const checkSymbol = async (fingerprint, index, symbols) => {
    const parts = [...encoder.encode("langnghe/slip-check/1"), ...bytesOfHex(fingerprint), index + 1, ...encoder.encode(symbols)];
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", Uint8Array.from(parts)));
    return SYMBOLS[digest[0] % SYMBOLS.length];
  };
  const isRight = async (fingerprint, index, text) => {
    const isWhole = text.length === GROUP_SYMBOLS && [...text].every((symbol) => SYMBOLS.includes(symbol));
    return isWhole && (await checkSymbol(fingerprint, index, text.slice(0, -1))) === text.slice(-1);
  };
  const fingerprints = (found) => [...new Set(found.map((file) => file.fingerprint))];

  // The rounds in which every group that is whole is right.
  const fitting = async (found, indexes) => {
    const fit = [];
    for (const fingerprint of fingerprints(found)) {
      const right = await Promise.all(indexes.map((index) => isRight(fingerprint, index, group(index))));
      if (right.every(Boolean)) { fit.push(fingerprint); }
    }
    return fit;
  };

  const mark = (index, word, icon = null) => {
    const isWrong = icon === "warning";
    const drawing = marks[index].querySelector("svg");
    drawing.toggleAttribute("hidden", icon === null);
    drawing.querySelector("use").setAttribute("href", `#i-${icon}`);
    marks[index].querySelector("span").textContent = word;
    marks[index].classList.toggle("wrong", isWrong);
    if (isWrong) { inputs[index].setAttribute("aria-invalid", "true"); } else { inputs[index].removeAttribute("aria-invalid"); }
  };

  // Says of one group whether it can be one, without sending it anywhere.
  const check = async (index) => {
    const text = group(index);
    if (text === "") { mark(index, ""); return; }
    if (text.length < GROUP_SYMBOLS) { mark(index, `Còn thiếu ${GROUP_SYMBOLS - text.length} ký tự`); return; }
    let found = [];
    try { found = await files(); } catch { return; }
    if (group(index) !== text || found.length === 0) { return; }
    const isKnown = (await fitting(found, [index])).length > 0;
    if (group(index) !== text) { return; }
    if (isKnown) { mark(index, "Đúng", "check"); } else { mark(index, `Nhóm ${index + 1} chưa đúng, xin xem lại`, "warning"); }
  };

  const codeBytes = () => {
    let secret = 0n;
    for (let index = 0; index < GROUPS; index += 1) {
      for (const symbol of group(index).slice(0, -1)) {
        secret = (secret << SYMBOL_BITS) | BigInt(SYMBOLS.indexOf(symbol));
      }
    }
    const bytes = new Uint8Array(CODE_BYTES);
    new DataView(bytes.buffer).setBigUint64(0, secret);
    return bytes;
  };

  // One key for a file; every slot of it is tried.
  const opened = async (file, code) => {
    const material = await crypto.subtle.importKey("raw", code, "PBKDF2", false, ["deriveKey"]);
    const stretched = { name: "PBKDF2", hash: "SHA-256", salt: bytesOfBase64(file.salt), iterations: file.rounds };
    const key = await crypto.subtle.deriveKey(stretched, material, { name: "AES-GCM", length: 256 }, false, ["decrypt"]);
    const answers = [];
    for (const slot of file.slots.map(bytesOfBase64)) {
      const sealed = { name: "AES-GCM", iv: slot.subarray(0, NONCE_BYTES) };
      const plain = await crypto.subtle.decrypt(sealed, key, slot.subarray(NONCE_BYTES)).catch(() => null);
      if (plain !== null) {
        const length = new DataView(plain).getUint16(0);
        answers.push(new TextDecoder().decode(plain.slice(LENGTH_BYTES, LENGTH_BYTES + length)));
      }
    }
    return answers;
  };

  const vietnamese = (day) => day.split("-").reverse().join("/");

  const show = (title, texts, note) => {
    byId("answer-title").textContent = title;
    byId("answer-text").replaceChildren(...texts.map((text) => {
      const quote = document.createElement("blockquote");
      quote.textContent = text;
      return quote;
    }));
    byId("answer-note").textContent = note;
    byId("answer").hidden = false;
  };
  const hide = () => { byId("answer").hidden = true; byId("answer-text").replaceChildren(); };

  // A month has a file of the intake and one of the holders.
  const nothingYet = (found) => {
    const last = found.map((file) => file.day).sort().pop();
    const [year, month] = last.split("-").map(Number);
    const next = month === 12 ? `1/${year + 1}` : `${month + 1}/${year}`;
    const since = `Tệp trả lời gần nhất làm ngày ${vietnamese(last)}, mỗi tháng có một hoặc hai tệp.`;
    show("Chưa có trả lời cho mã này", [], `${since} Xin xem lại sau vài ngày, hoặc từ tháng ${next}. Mỗi câu trả lời nằm ở đây 12 tháng.`);
  };

  const lookFor = async () => {
    const texts = inputs.map((_, index) => group(index));
    const short = texts.findIndex((text) => text.length !== GROUP_SYMBOLS);
    if (short >= 0) {
      mark(short, `Nhóm ${short + 1} cần đủ bốn ký tự`, "warning");
      inputs[short].focus();
      return;
    }
    show("Đang tìm trong các tệp trả lời…", [], "");
    let found = [];
    try {
      found = await files();
    } catch {
      show("Chưa tải được tệp trả lời", [], "Mã của ông/bà vẫn còn ở trên. Xin kiểm tra mạng rồi bấm Xem trả lời lần nữa.");
      return;
    }
    if (found.length === 0) {
      show("Chưa có trả lời nào được công bố", [], "Trả lời được công bố mỗi tháng một lần: xin xem lại vào tháng sau.");
      return;
    }
    const fit = await fitting(found, [0, 1, 2, 3]);
    if (fit.length === 0) {
      await Promise.all(inputs.map((_, index) => check(index)));
      const wrong = inputs.find((input) => input.getAttribute("aria-invalid") === "true");
      show("Mã chưa đúng", [], "Xin xem lại từng nhóm với mã đã chép. Nếu góp ý thuộc đợt chưa có tệp trả lời nào, xin xem lại vào tháng sau.");
      if (wrong) { wrong.focus(); }
      return;
    }
    const code = codeBytes();
    const answers = [];
    const ours = found.filter((file) => fit.includes(file.fingerprint));
    for (const file of ours) {
      answers.push(...await opened(file, code));
    }
    code.fill(0);
    if (texts.some((text, index) => text !== group(index))) { hide(); return; }
    const different = [...new Set(answers)];
    if (different.length === 0) { nothingYet(ours); return; }
    show("Trả lời cho góp ý của ông/bà", different, "Khi xem xong, xin bấm Xóa mã nếu đây không phải máy của ông/bà.");
    byId("answer").focus();
  };

  // One look at a time.
  let isLooking = false;
  const start = async () => {
    if (isLooking) { return; }
    isLooking = true;
    look.setAttribute("aria-disabled", "true");
    try {
      await lookFor();
    } catch {
      show("Trình duyệt này không mở được trả lời", [], "Xin nhờ tình nguyện viên xem giúp bằng ứng dụng Lắng Nghe.");
    } finally {
      isLooking = false;
      look.removeAttribute("aria-disabled");
    }
  };

  const clear = () => {
    inputs.forEach((input, index) => { input.value = ""; mark(index, ""); });
    hide();
  };

  // Whoever types or pastes the whole code into one box fills the others too.
  const spread = (index) => {
    let rest = typed(inputs[index].value);
    let last = index;
    for (let place = index; place < GROUPS && rest !== ""; place += 1) {
      if (place > index && group(place) !== "" && rest.length < GROUP_SYMBOLS) { break; }
      inputs[place].value = rest.slice(0, GROUP_SYMBOLS);
      rest = rest.slice(GROUP_SYMBOLS);
      last = place;
    }
    return last;
  };

  inputs.forEach((input, index) => {
    input.addEventListener("input", () => {
      hide();
      if (/[\s.\-–]/.test(input.value)) { input.value = typed(input.value); }
      const last = typed(input.value).length > GROUP_SYMBOLS ? spread(index) : index;
      for (let place = index; place <= last; place += 1) { check(place); }
      const isFull = group(last).length === GROUP_SYMBOLS;
      if (isFull && last + 1 < GROUPS && group(last + 1) === "") { inputs[last + 1].focus(); }
    });
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") { start(); }
      if (event.key === "Backspace" && input.value === "" && index > 0) { inputs[index - 1].focus(); }
    });
  });
  look.addEventListener("click", start);
  byId("clear").addEventListener("click", () => { clear(); inputs[0].focus(); });
  // A page that comes back out of the browser's memory has no code in it.
  window.addEventListener("pagehide", clear);

  files().catch(() => {});
})();
