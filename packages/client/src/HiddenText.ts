/**
 * A text of the server that can repeat a credential, such as the body of a gateway's error page. It is shown by no
 * message, log, `inspect` or JSON; {@link HiddenText.reveal} returns it.
 */
export class HiddenText {
  readonly #text: string

  /** @internal */
  constructor(text: string) {
    this.#text = text
  }

  /** Returns the text. Keep it out of logs. */
  reveal(): string {
    return this.#text
  }

  /** Returns `"<redacted>"`. */
  toString(): string {
    return "<redacted>"
  }

  /** Returns `"<redacted>"`. */
  toJSON(): string {
    return "<redacted>"
  }
}
