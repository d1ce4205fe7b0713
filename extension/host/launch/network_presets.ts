import * as vscode from "vscode";
import type { RelayFlags } from "./script_options.ts";

/** A network as people know it. */
export interface NetworkPreset {
  readonly label: string;
  readonly rule: RelayFlags;
}

/**
 * What is likely to be tried, for each of the two ways. Delays are half of a usual round trip; rate and delay of 3G are
 * those of Apple's Network Link Conditioner.
 */
export function networkPresets(): readonly NetworkPreset[] {
  const { t } = vscode.l10n;
  return [
    { label: t("30 % loss"), rule: { drop: 30 } },
    { label: t("Wi-Fi"), rule: { delay: "3ms", jitter: "2ms", drop: 1 } },
    { label: t("3G"), rule: { delay: "100ms", jitter: "30ms", drop: 1, rate: "97KB" } },
    { label: t("satellite"), rule: { delay: "300ms", jitter: "10ms", drop: 0.5 } },
    { label: t("losses in runs"), rule: { burst: "2%/25%" } },
    { label: t("an outage of 5 s every 30 s"), rule: { outage: "5s/30s" } },
    { label: t("good: everything passes"), rule: {} },
  ];
}
