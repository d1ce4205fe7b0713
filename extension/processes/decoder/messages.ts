/** What a thread that runs the decoder of another extension is started with. */
export interface DecoderThreadData {
  /** Where its module is: a URL. */
  readonly module: string;
  /**
   * Four numbers. A question is asked by writing `request` and counting up the first one, with the length of the payload as the
   * third and 1 as the fourth where it is whether it speaks, not what it says; it is answered by writing `answer`, its length
   * into the third, and counting up the second one.
   */
  readonly control: SharedArrayBuffer;
  readonly request: SharedArrayBuffer;
  /** A {@link DecoderAnswer} as JSON in UTF-8. */
  readonly answer: SharedArrayBuffer;
}

/** What the thread says once it can be asked, or that it cannot. */
export type DecoderThreadMessage =
  | { readonly kind: "ready"; readonly speaks: boolean }
  | { readonly kind: "failed"; readonly reason: string };

/** What the module made of a payload: nobody has looked at it yet. */
export type DecoderAnswer =
  | { readonly result: unknown }
  /** What it threw; "": more than there is room for. */
  | { readonly error: string };
