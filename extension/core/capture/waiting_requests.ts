/** A request without an id: when it left, in microseconds since 1970, and whatever else is known of it. */
export interface WaitingRequest {
  readonly time: number;
}

/** A request that has waited so long, in microseconds, when the next one leaves is taken for one that nobody answers. */
export const GIVEN_UP_AFTER_US = 1_000_000;

/** Places before the first that waits which are kept: to take them out one by one would cost a flood of requests dear. */
const MOST_GONE = 1024;

/**
 * The requests of one conversation that may yet be answered, where nothing but their order ties an answer to one. An answer
 * is told only where one request can be meant: with two that wait, nobody can know which one was answered (RFC 6298 section 3
 * leaves such times out as well, after Karn).
 */
export class WaitingRequests<Request extends WaitingRequest> {
  #requests: Request[] = [];
  /** Those before it wait no more. */
  #first = 0;
  /** How many of the others have been answered, without anyone knowing which. */
  #answered = 0;

  add(request: Request): void {
    const tooOld = request.time - GIVEN_UP_AFTER_US;
    while ((this.#requests[this.#first]?.time ?? Number.POSITIVE_INFINITY) <= tooOld) {
      this.#first++;
      // If they were answered, then before all others.
      this.#answered = Math.max(0, this.#answered - 1);
    }
    if (this.#first > MOST_GONE && this.#first * 2 > this.#requests.length) this.#closeGap();
    this.#requests.push(request);
  }

  /** The request that an answer belongs to, where only one can be meant. */
  answered(): Request | undefined {
    const count = this.#requests.length - this.#first;
    const only = count === 1 && this.#answered === 0 ? this.#requests[this.#first] : undefined;
    this.#answered++;
    if (this.#answered >= count) {
      this.#requests = [];
      this.#first = 0;
      this.#answered = 0;
    }
    return only;
  }

  /** The same, which goes on by itself. */
  clone(): WaitingRequests<Request> {
    const copy = new WaitingRequests<Request>();
    copy.#requests = this.#requests.slice(this.#first);
    copy.#answered = this.#answered;
    return copy;
  }

  #closeGap(): void {
    this.#requests = this.#requests.slice(this.#first);
    this.#first = 0;
  }
}
