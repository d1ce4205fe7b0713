/** The variables that tell a tap where to listen, and the token that requests must know. */
export const CONTROL_VARIABLE = "UDP_TAP_CONTROL";
export const TOKEN_VARIABLE = "UDP_TAP_TOKEN";

/** Bytes of the longest path; longer ones are cut without a word by some systems (`sun_path` in unix(7)). */
export const MOST_PATH_BYTES = 100;
