/** What is shown of an item: neither is signed, and no charge needs them. */
import { DESCRIPTION_LENGTH_MAX, TITLE_LENGTH_MAX } from '../../protocol/offer.ts';
import { shortText } from '../../protocol/text.ts';
import { type Visit, valueFor } from '../visits/visit.ts';

/** The item's title, or else what it is called. */
export async function titleFor({ route, request, item }: Visit): Promise<string> {
  const title = route.title === undefined ? '' : await valueFor(route.title, request);
  return shortText(title, TITLE_LENGTH_MAX) || shortText(item, TITLE_LENGTH_MAX);
}

/** The description as shown, where there is one. */
export async function descriptionFor({ route, request }: Visit): Promise<string | undefined> {
  if (route.description === undefined) return undefined;
  return shortText(await valueFor(route.description, request), DESCRIPTION_LENGTH_MAX) || undefined;
}
