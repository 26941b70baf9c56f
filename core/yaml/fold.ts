// Line folding of flow scalars: one break is a space, more are one fewer.

export class Fold {
  /** At least one break (or an escaped one) was seen since the last `take`. */
  broken = false;
  private first = "";
  private rest = "";

  add(lineBreak: string): void {
    if (this.broken) {
      this.rest += lineBreak;
    } else {
      this.broken = true;
      this.first = lineBreak;
    }
  }

  /** A break that was escaped: it adds nothing itself. */
  addEscaped(): void {
    this.broken = true;
  }

  /** What the breaks amount to; forgets them. */
  take(): string {
    const text = this.first === "\n" ? this.rest || " " : this.first + this.rest;
    this.clear();
    return text;
  }

  clear(): void {
    this.broken = false;
    this.first = "";
    this.rest = "";
  }
}
