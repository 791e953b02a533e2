/**
 * The keys of the one provider that a seller trusts (SPEC 2.5): fetched when first needed, kept,
 * and looked up again for a name that is not known, and every five minutes, but not at everybody's
 * call.
 */
import { FarthingError } from '../../protocol/errors.ts';
import { checkJwsByKid, type KeySet, type UncheckedJws } from '../../protocol/jws.ts';

/** Anyone can send a made-up `kid`; a real new key waits this long at most. */
const REFETCH_AFTER_MS = 60_000;
/** A provider that did not answer is asked again sooner: readers are waiting. */
const RETRY_AFTER_MS = 2_000;
/** Longer than it may take to answer. */
const UNDER_WAY_MS = 6_000;
/** A key that was stolen leaves the set: it is looked up again after this long. */
const KEPT_MS = 300_000;

/** What the issuer's keys are fetched with. */
export interface IssuerPorts {
  readonly fetch: typeof fetch;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Checks what the provider signed. */
export interface Issuer {
  /** @throws FarthingError `provider_unreachable`, `jws_key_unknown`, `jws_signature` */
  check(jws: UncheckedJws): Promise<void>;
  /** Whether a key is in the set, as far as that is known here. It waits for nobody. */
  has(kid: string | undefined): boolean;
}

/** @param provider the address that the payto names */
export function createIssuer(provider: string, ports: IssuerPorts): Issuer {
  let keys: KeySet = new Map();
  let failure: unknown;
  let waitMs = 0;
  let keptMs = 0;
  let askedAtMs = 0;
  let running: Promise<void> | undefined;

  const refresh = async () => {
    askedAtMs = ports.now();
    waitMs = UNDER_WAY_MS;
    keptMs = REFETCH_AFTER_MS;
    try {
      keys = await (await import('./jwks.ts')).fetchKeys(provider, ports);
      failure = undefined;
      waitMs = REFETCH_AFTER_MS;
      keptMs = KEPT_MS;
    } catch (error) {
      // The keys that are there stay; whoever needs another one hears of the failure.
      failure = error;
      waitMs = RETRY_AFTER_MS;
    }
  };
  /** Looks the set up again if it is time to; answers whether it did. */
  const look = (afterMs: number): boolean => {
    const passedMs = ports.now() - askedAtMs;
    // A clock that was put back must not put off the next look-up.
    const isDue = passedMs < 0 || passedMs >= afterMs;
    if (isDue) running = refresh();
    return isDue;
  };
  const isKnown = (kid: string | undefined) => kid !== undefined && keys.has(kid);

  return {
    has: (kid) => {
      look(keptMs);
      return keys.size === 0 || isKnown(kid);
    },
    check: async (jws) => {
      if (look(isKnown(jws.kid) ? keptMs : waitMs) || !isKnown(jws.kid)) await running;
      if (!isKnown(jws.kid) && failure !== undefined)
        throw new FarthingError('provider_unreachable', new URL(provider).host, { cause: failure });
      await checkJwsByKid(jws, keys);
    },
  };
}
