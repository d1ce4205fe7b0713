/**
 * The file in a capture folder that says how full it is, so that nobody has to look at all others for that: its length
 * is the number of {@link PAGE_BYTES} that its writers have been granted. Who wants to write appends a byte for each of
 * them, which two can do at once; who knows better, because files were removed, cuts it or makes it longer. What the
 * bytes are has no meaning.
 */
export const USAGE_FILE = "used";

/** As much as the smallest file takes on most disks. */
export const PAGE_BYTES = 4096;
