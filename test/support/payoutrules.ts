/** Payouts as tests want them, for processes of their own too. */
import type { Micros } from '../../src/protocol/money.ts';
import type { Rules } from '../../src/provider/context.ts';

/** One of the examples of the registry of IBANs. */
export const IBAN = 'DE89370400440532013000';

/** Every whole cent goes out as soon as it is earned. */
export const PAID_AT_ONCE: Partial<Rules> = {
  payoutHoldSec: 0,
  payoutThresholdMicros: 10_000n as Micros,
  payoutPeriodSec: 0,
  firstPayoutHoldSec: 0,
  bankHoldSec: 0,
};
