/** That what a screen shows is not of now, and why. */
import type { ErrorCode } from '../protocol/errors.ts';
import { say, sayReason } from '../words/say.ts';

interface KnownLastProps {
  /** Undefined where it is of now. */
  readonly fault: ErrorCode | undefined;
}

export function KnownLast({ fault }: KnownLastProps) {
  if (fault === undefined) return null;
  return (
    <p class="notice notice-calm" role="status">
      {sayReason(fault)} {say('knownLast')}
    </p>
  );
}
