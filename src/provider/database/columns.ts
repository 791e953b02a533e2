/** How columns of the provider's tables are read and written. */
import type { ColumnType } from 'kysely';

/** Whole numbers that are not money: read as bigint, written as either. */
export type Whole = ColumnType<bigint, number | bigint, number | bigint>;

/** A time that may not have come. */
export type Moment = ColumnType<bigint | null, number | null | undefined, number | null>;
