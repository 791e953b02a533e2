/**
 * The terms of one purchase, and the `request` of a challenge that carries them (SPEC 4.2). Wallet
 * and seller build the same bytes from the same terms; a seller accepts no others (SPEC 6.6).
 */
import { encodeBase64url, utf8 } from './base64url.ts';
import { formatDuration } from './duration.ts';
import { canonicalJson } from './json.ts';
import type { Micros } from './money.ts';

/** SPEC 3: `P365D`, where the seller writes nothing. */
export const DURATION_SEC_DEFAULT = 365 * 86_400;
/** SPEC 3: `PT10M`, where the seller writes nothing. */
export const REFUND_SEC_DEFAULT = 600;

/** Past `amountMicros` within `periodSec` the rest of the period is free. */
export interface Cap {
  readonly amountMicros: Micros;
  readonly periodSec: number;
}

/** Everything that binds buyer and seller in one purchase, and nothing else. */
export interface Terms {
  readonly amountMicros: Micros;
  /** ISO 4217, capitals. */
  readonly currency: string;
  readonly payto: string;
  /** Of the paid address, `https://host[:port]`: items are scoped by it. */
  readonly origin: string;
  readonly item: string;
  /** How long the item stays the buyer's; 0 = used up at once. */
  readonly durationSec: number;
  /** The undo window; 0 = none. */
  readonly refundSec: number;
  readonly cap: Cap | undefined;
  /** The price is per this much, e.g. `10s`. */
  readonly meter: string | undefined;
}

/** `200000/P1D`; the amount in micros of the terms' currency. */
function formatCap(cap: Cap | undefined): string {
  return cap ? `${cap.amountMicros}/${formatDuration(cap.periodSec)}` : 'none';
}

/** Units of a meter: seconds, megabytes, requests (SPEC 3.5). */
export const METER_PATTERN = /^[1-9][0-9]{0,5}(s|MB|req)$/;

/** A currency as the Payment scheme has it (SPEC 1.4): `USD` → `usd-micro`. */
export function currencyOnWire(currency: string): string {
  return `${currency.toLowerCase()}-micro`;
}

/**
 * Writes the `request` of a challenge: base64url of canonical JSON, defaults written out.
 * The same terms give the same bytes.
 */
export function encodeTerms(terms: Terms): string {
  const request = {
    amount: terms.amountMicros,
    currency: currencyOnWire(terms.currency),
    recipient: terms.payto,
    methodDetails: {
      cap: formatCap(terms.cap),
      duration: formatDuration(terms.durationSec),
      item: terms.item,
      meter: terms.meter ?? 'none',
      origin: terms.origin,
      refund: terms.refundSec === 0 ? 'none' : formatDuration(terms.refundSec),
    },
  };
  return encodeBase64url(utf8(canonicalJson(request)));
}
