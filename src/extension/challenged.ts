/**
 * What an address sells by its challenge alone (SPEC 4.1), as the fields that markup would have:
 * the same terms, so that the same bytes are signed.
 */
import { type Challenge, parseChallenges } from '../protocol/challenge.ts';
import { formatDuration } from '../protocol/duration.ts';
import { FarthingError } from '../protocol/errors.ts';
import type { OfferFields } from '../protocol/fields.ts';
import { formatPrice } from '../protocol/money.ts';
import { decodeTerms } from '../protocol/request.ts';
import type { Terms } from '../protocol/terms.ts';

function capField({ cap, currency }: Terms): string | undefined {
  if (!cap) return undefined;
  const { amountMicros, periodSec } = cap;
  return `${formatPrice({ amountMicros, currency })}/${formatDuration(periodSec)}`;
}

const joined = (texts: readonly string[], by: string) => [...new Set(texts)].join(by);

function fieldsOf(challenges: readonly Challenge[]): OfferFields | undefined {
  const offers = challenges.map(({ request }) => decodeTerms(request));
  const [first] = offers;
  if (!first) return undefined;
  return {
    price: joined(offers.map(formatPrice), ', '),
    payto: joined(
      offers.map(({ payto }) => payto),
      ' ',
    ),
    item: first.item,
    title: challenges[0]?.description,
    duration: formatDuration(first.durationSec),
    refund: first.refundSec === 0 ? 'none' : formatDuration(first.refundSec),
    meter: first.meter,
    cap: capField(first),
  };
}

/** The fields of a `WWW-Authenticate`; undefined where it offers nothing that a page could. */
export function challengedFields(header: string): OfferFields | undefined {
  try {
    // What is bound to a request's body was not asked for by opening a page.
    return fieldsOf(parseChallenges(header).filter(({ digest }) => digest === undefined));
  } catch (error) {
    if (error instanceof FarthingError) return undefined;
    throw error;
  }
}
