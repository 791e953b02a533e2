/** Where the books of a wallet service are, as people name it. */
import { type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { FarthingError } from '../protocol/errors.ts';
import { isPostgresAddress } from '../provider/database/postgres.ts';
import { DATABASE_NAME } from '../provider/main.ts';

/**
 * What is there. @throws Error of the machine, where this user may not look: that is no sign that
 * nothing is there
 */
function look(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}

/** The one place that is named. @throws FarthingError `option_invalid` */
export function findOneBooks([path, ...more]: readonly string[]): string {
  if (path === undefined || more.length > 0)
    throw new FarthingError(
      'option_invalid',
      'name one database: its file, the folder it is in, or its postgres:// address',
    );
  return findBooks(path);
}

/**
 * Books that are to be written to: they would be made anew.
 * @throws FarthingError `option_invalid` (no such file)
 */
export function checkThere(place: string): void {
  if (!isPostgresAddress(place) && !look(place))
    throw new FarthingError('option_invalid', `there is no file ${place}`);
}

/** The file in a folder, or what is named itself. @throws FarthingError `option_invalid` */
export function findBooks(path: string): string {
  if (isPostgresAddress(path) || !look(path)?.isDirectory()) return path;
  // `npm start` keeps the wallet service's folder inside its own.
  const files = [join(path, DATABASE_NAME), join(path, 'provider', DATABASE_NAME)];
  const file = files.find(look);
  if (file) return file;
  throw new FarthingError('option_invalid', `no wallet service has run in ${path}`);
}
