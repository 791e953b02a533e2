/**
 * Reads the `request` of a challenge (SPEC 4.2) back into the terms that it carries. Whoever sells
 * compares bytes and needs none of this; wallets do, and sellers that say what has changed.
 */
import { decodeBase64url, utf8Text } from './base64url.ts';
import { parseDuration } from './duration.ts';
import { FarthingError, refuseAs } from './errors.ts';
import { checkItem } from './item.ts';
import { parseCanonicalJson } from './json.ts';
import { isCurrency, type Micros, microsMember } from './money.ts';
import { originMember } from './origin.ts';
import { paytoMember } from './payto.ts';
import { type Reader, readMembers, refuse, text } from './shape.ts';
import { type Cap, encodeTerms, METER_PATTERN, type Terms } from './terms.ts';

/** An amount that is a price: nothing is not one (SPEC 1.3). */
const pricedMember: Reader<Micros> = (value) =>
  microsMember(value) || refuse('nothing is not a price');

function readCap(value: string): Cap | undefined {
  if (value === 'none') return undefined;
  const [amount, period = ''] = value.split('/', 2);
  return {
    amountMicros: pricedMember(amount),
    periodSec: parseDuration(period, 'cap_malformed') || refuse('the period is nothing'),
  };
}

const meterMember: Reader<string> = (value) =>
  typeof value === 'string' && (value === 'none' || METER_PATTERN.test(value))
    ? value
    : refuse('not a meter');

const wireCurrency: Reader<string> = (value) => {
  const [, code] = /^([a-z]{3})-micro$/.exec(typeof value === 'string' ? value : '') ?? [];
  return code && isCurrency(code.toUpperCase()) ? code.toUpperCase() : refuse('not like usd-micro');
};

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
