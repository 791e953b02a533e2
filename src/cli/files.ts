/** Files of a shop, as its commands are handed them. */
import { statSync } from 'node:fs';
import { FarthingError } from '../protocol/errors.ts';

/**
 * One that is there: no command makes it.
 * @throws FarthingError `option_invalid` (no such file, or a folder)
 */
export function checkFile(file: string): void {
  if (!statSync(file, { throwIfNoEntry: false })?.isFile())
    throw new FarthingError('option_invalid', `there is no file ${file}`);
}
