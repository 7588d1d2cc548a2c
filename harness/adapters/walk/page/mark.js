// A picture that a person can mark: by mouse or finger with a line, by keyboard with a frame.
const RED = "#c5281c", STEP = 20;

export class Marker {
  constructor(canvas) {
    this.canvas = canvas;
    this.base = document.createElement("canvas");
    this.clear();
    canvas.addEventListener("pointerdown", event => { this.line = [this.at(event)]; this.lines.push(this.line);
      canvas.setPointerCapture(event.pointerId); });
    canvas.addEventListener("pointermove", event => { if (this.line) { this.line.push(this.at(event)); this.draw(); } });
    canvas.addEventListener("pointerup", () => { this.line = null; });
    canvas.addEventListener("keydown", event => this.pressed(event));
  }

  freeze(source) {
    for (const one of [this.base, this.canvas]) { one.width = source.width; one.height = source.height; }
    this.base.getContext("2d").drawImage(source, 0, 0);
    this.clear();
  }

  clear() { this.lines = []; this.line = null; this.frame = null; this.draw(); }

  at(event) {
    const box = this.canvas.getBoundingClientRect();
    return [(event.clientX - box.left) * this.canvas.width / box.width,
            (event.clientY - box.top) * this.canvas.height / box.height];
  }

  pressed(event) {
    const move = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] }[event.key];
    if (!move) return;
    event.preventDefault();
    const { width, height } = this.canvas;
    this.frame ??= { x: width / 3, y: height / 3, w: width / 4, h: height / 6 };
    const part = event.shiftKey ? ["w", "h"] : ["x", "y"];
    this.frame[part[0]] = Math.max(0, this.frame[part[0]] + move[0]);
    this.frame[part[1]] = Math.max(0, this.frame[part[1]] + move[1]);
    this.draw();
  }

  draw() {
    const pen = this.canvas.getContext("2d");
    if (!this.canvas.width || !this.base.width) return;
    pen.drawImage(this.base, 0, 0);
    pen.strokeStyle = RED; pen.lineWidth = Math.max(4, this.canvas.width / 200); pen.lineJoin = pen.lineCap = "round";
    for (const line of this.lines) {
      pen.beginPath();
      line.forEach(([x, y], index) => index ? pen.lineTo(x, y) : pen.moveTo(x, y));
      pen.stroke();
    }
    if (this.frame) pen.strokeRect(this.frame.x, this.frame.y, this.frame.w, this.frame.h);
  }

  async png() {
    if (!this.base.width) return "";
    const blob = await new Promise(done => this.canvas.toBlob(done, "image/png"));
    const bytes = new Uint8Array(await blob.arrayBuffer());
    let text = "";
    for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768));
    return btoa(text);
  }
}
