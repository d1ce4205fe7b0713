/** The command of a link to a row, by the id of its datagram; it is in no menu. */
export const SHOW_ROW = "_udpWorkbench.showRow";
