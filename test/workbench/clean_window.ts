import { tappedRows } from "../support/port_rows.ts";
import type { Workbench } from "../support/workbench.ts";
import { DatagramsGrid } from "./datagrams_grid.ts";

/**
 * Ends and clears what a test has left in its window with the UDP views: programs, filter, datagrams, terminals,
 * notifications. So the next finds what a new window would show it, in a tenth of the time. A theme or a layout is taken
 * back by who changed it.
 */
export async function cleanWindow(workbench: Workbench): Promise<void> {
  await workbench.runCommand("UDP: Stop All");
  await workbench
    .tree("Bound Ports")
    .waitForRows("no tapped port", (rows) => tappedRows(rows).length === 0);
  const { frame } = await DatagramsGrid.in(workbench);
  const filtered = frame.getByRole("button", { name: "Clear Filter" });
  if (await filtered.isVisible()) await filtered.click();
  await clearDatagrams(workbench);
  await workbench.terminals.endAll();
  await workbench.runCommand("Notifications: Clear All Notifications");
}

/** *Clear Datagrams* as a person does it, who is asked where there are many. */
export async function clearDatagrams(workbench: Workbench): Promise<void> {
  const { frame } = await DatagramsGrid.in(workbench);
  const dialog = workbench.page.locator(".monaco-dialog-box");
  await workbench.runCommand("UDP: Clear Datagrams");
  await workbench.waitFor("no datagrams", async () => {
    if (await dialog.isVisible()) {
      await dialog.getByRole("button", { name: "Clear", exact: true }).click({ timeout: 1000 });
    }
    return frame.getByText("No datagrams yet").isVisible();
  });
}
