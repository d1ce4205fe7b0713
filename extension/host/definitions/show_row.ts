/** The command of a link to a row, by the id of its datagram and, of a saved capture, that of its grid; it is in no menu. */
export const SHOW_ROW = "_udpWorkbench.showRow";
