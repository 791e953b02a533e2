/**
 * The terms of one purchase, and the `request` of a challenge that carries them (SPEC 4.2). Wallet
 * and seller build the same bytes from the same terms; a seller accepts no others (SPEC 6.6).
 */
import { decodeBase64url, encodeBase64url, utf8, utf8Text } from './base64url.ts';
import { formatDuration, parseDuration } from './duration.ts';
import { FarthingError, refuseAs } from './errors.ts';
import { checkItem } from './item.ts';
import { canonicalJson, parseCanonicalJson } from './json.ts';
import { isCurrency, type Micros, microsMember } from './money.ts';
import { originMember } from './origin.ts';
import { paytoMember } from './payto.ts';
import { type Reader, readMembers, refuse, text } from './shape.ts';

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

/** An amount that is a price: nothing is not one (SPEC 1.3). */
const pricedMember: Reader<Micros> = (value) =>
  microsMember(value) || refuse('nothing is not a price');

/** `200000/P1D` ↔ cap; the amount in micros of the terms' currency. */
function formatCap(cap: Cap | undefined): string {
  return cap ? `${cap.amountMicros}/${formatDuration(cap.periodSec)}` : 'none';
}

function readCap(value: string): Cap | undefined {
  if (value === 'none') return undefined;
  const [amount, period = ''] = value.split('/', 2);
  return {
    amountMicros: pricedMember(amount),
    periodSec: parseDuration(period, 'cap_malformed') || refuse('the period is nothing'),
  };
}

/** Units of a meter: seconds, megabytes, requests (SPEC 3.5). */
export const METER_PATTERN = /^[1-9][0-9]{0,5}(s|MB|req)$/;

const meterMember: Reader<string> = (value) =>
  typeof value === 'string' && (value === 'none' || METER_PATTERN.test(value))
    ? value
    : refuse('not a meter');

const wireCurrency: Reader<string> = (value) => {
  const [, code] = /^([a-z]{3})-micro$/.exec(typeof value === 'string' ? value : '') ?? [];
  return code && isCurrency(code.toUpperCase()) ? code.toUpperCase() : refuse('not like usd-micro');
};

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

/**
 * Reads a `request` that re-encodes to itself.
 * @throws FarthingError `challenge_malformed`
 */
export function decodeTerms(request: string): Terms {
  return refuseAs('challenge_malformed', () => {
    const wire = readMembers(parseCanonicalJson(utf8Text(decodeBase64url(request))), {
      amount: pricedMember,
      currency: wireCurrency,
      recipient: paytoMember,
      methodDetails: (value) =>
        readMembers(value, {
          cap: text(80),
          duration: text(20),
          item: text(512),
          meter: meterMember,
          origin: originMember,
          refund: text(20),
        }),
    });
    const { cap, duration, item, meter, origin, refund } = wire.methodDetails;
    const terms: Terms = {
      amountMicros: wire.amount,
      currency: wire.currency,
      payto: wire.recipient,
      origin,
      item: checkItem(item),
      durationSec: parseDuration(duration),
      refundSec: refund === 'none' ? 0 : parseDuration(refund),
      cap: readCap(cap),
      meter: meter === 'none' ? undefined : meter,
    };
    if (encodeTerms(terms) !== request)
      throw new FarthingError('challenge_malformed', 'the request is not in its canonical form');
    return terms;
  });
}
