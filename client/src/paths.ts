/** What no path leads into. */
type End =
  | string
  | number
  | boolean
  | bigint
  | symbol
  | null
  | undefined
  | Date
  | RegExp
  | URL
  | ((...args: never) => unknown)
  | readonly unknown[]

/** `any` takes every path: configuration without a schema. */
type IsAny<T> = 0 extends 1 & T ? true : false

/** The paths of `T`, such as `db` and `db.pool`. Lists, dates and functions end a path; eight levels are told apart. */
export type ValuePath<T> = IsAny<T> extends true ? string : PathOf<T, 8>

type PathOf<T, Depth extends number> = [Depth] extends [never]
  ? never
  : T extends End
    ? never
    : { [K in keyof T & string]: string extends K ? string : K | `${K}.${PathOf<NonNullable<T[K]>, Less[Depth]>}` }[keyof T & string]

type Less = [never, 0, 1, 2, 3, 4, 5, 6, 7]

/** The type of the value at a path. Below something optional it may be `undefined`. */
export type ValueAt<T, P extends string> =
  IsAny<T> extends true
    ? T
    : T extends null | undefined
      ? undefined
      : P extends keyof T
        ? T[P]
        : P extends `${infer K}.${infer R}`
          ? K extends keyof T
            ? ValueAt<T[K], R>
            : unknown
          : unknown
