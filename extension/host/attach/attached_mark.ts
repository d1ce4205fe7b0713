/** A file of this name in the capture folder says that its window has auto attach on. */
export const ATTACHED_MARK = "attached";
