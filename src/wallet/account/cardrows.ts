/** Money between the wallet and the reader's cards, as it is kept with the account. */
import type { ErrorCode } from '../../protocol/codes.ts';
import type { Micros } from '../../protocol/money.ts';

/** Money that the reader puts in (SPEC 9.8), stored before it is asked for. */
export interface TopUp {
  readonly id: string;
  readonly amountMicros: Micros;
  /** When it was asked for, by this device's clock. */
  readonly atMs?: number | undefined;
  /** By the provider's last word; undefined before the first. */
  readonly state?: 'begun' | 'paid' | 'failed' | undefined;
  /** Where the reader pays; undefined where there is nothing to do but wait. */
  readonly page?: string | undefined;
}

/** Money that goes back to the cards it came by (SPEC 9.24), stored before it is asked for. */
export interface Withdrawal {
  readonly id: string;
  readonly amountMicros: Micros;
  /** When the reader said so, by this device's clock. */
  readonly atMs: number;
  /** What became of it by the provider's last word; undefined before the first. */
  readonly became?: Became | undefined;
  /** Why it was refused: nothing goes back. */
  readonly refusal?: ErrorCode | undefined;
}

/** How a withdrawal stands; the rest of it is on its way. */
export interface Became {
  /** Gone back to its cards. */
  readonly withdrawnMicros: Micros;
  /** What cards did not take: it is available again. */
  readonly failedMicros: Micros;
}
