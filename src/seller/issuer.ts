/**
 * The keys of the one provider that a seller trusts (SPEC 2.5): fetched when first needed, kept,
 * and looked up again for a name that is not known, but not at everybody's call.
 */
import { FarthingError } from '../protocol/errors.ts';
import { checkJwsByKid, type KeySet, type UncheckedJws } from '../protocol/jws.ts';

/** Anyone can send a made-up `kid`; a real new key waits this long at most. */
const REFETCH_AFTER_MS = 60_000;
/** A provider that did not answer is asked again sooner: readers are waiting. */
const RETRY_AFTER_MS = 2_000;

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
}

/** @param provider the address that the payto names */
export function createIssuer(provider: string, ports: IssuerPorts): Issuer {
  let keys: KeySet = new Map();
  let failure: unknown;
  let waitMs = 0;
  let askedAtMs = 0;
  let running: Promise<void> | undefined;

  const refresh = async () => {
    try {
      keys = await (await import('./jwks.ts')).fetchKeys(provider, ports);
      failure = undefined;
      waitMs = REFETCH_AFTER_MS;
    } catch (error) {
      // The keys that are there stay; whoever needs another one hears of the failure.
      failure = error;
      waitMs = RETRY_AFTER_MS;
    } finally {
      askedAtMs = ports.now();
      running = undefined;
    }
  };

  return {
    check: async (jws) => {
      const isKnown = () => jws.kid !== undefined && keys.has(jws.kid);
      const passedMs = ports.now() - askedAtMs;
      // A clock that was put back must not put off the next look-up.
      if (!isKnown() && (running || passedMs < 0 || passedMs >= waitMs)) {
        running ??= refresh();
        await running;
      }
      if (!isKnown() && failure !== undefined)
        throw new FarthingError('provider_unreachable', new URL(provider).host, { cause: failure });
      await checkJwsByKid(jws, keys);
    },
  };
}
