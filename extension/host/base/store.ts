import type { Disposable } from "vscode";

/**
 * What ends together, the latest first: what it needs was made before it. What is added later, by something that was
 * under way when all ended, ends at once.
 */
export class Store implements Disposable {
  readonly #disposables: Disposable[] = [];
  #isDisposed = false;

  /** Whether all has ended: then what was under way has nobody to tell. */
  get isDisposed(): boolean {
    return this.#isDisposed;
  }

  add<T extends Disposable>(disposable: T): T {
    if (this.#isDisposed) disposable.dispose();
    else this.#disposables.push(disposable);
    return disposable;
  }

  dispose(): void {
    this.#isDisposed = true;
    for (const disposable of this.#disposables.splice(0).reverse()) disposable.dispose();
  }
}
