/** What pythonSyntax.ts makes of a text: statements and expressions, each with the place where it stands. */
import type { Place } from './pythonTokens.ts';

export type Expression = { readonly place: Place } & (
  | { readonly type: 'number'; readonly value: number }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'constant'; readonly value: boolean | null }
  | { readonly type: 'name'; readonly name: string }
  | { readonly type: 'attribute'; readonly of: Expression; readonly name: string }
  | { readonly type: 'item'; readonly of: Expression; readonly index: Expression }
  | { readonly type: 'tuple'; readonly items: readonly Expression[] }
  | { readonly type: 'dict'; readonly items: readonly (readonly [Expression, Expression])[] }
  | { readonly type: 'call'; readonly of: Expression; readonly given: readonly GivenExpression[] }
  | { readonly type: 'operation'; readonly sign: string; readonly operands: readonly Expression[] }
);

export interface GivenExpression {
  /** Of its name, where it has one. */
  readonly place: Place;
  readonly name: string | null;
  readonly value: Expression;
}

export interface Parameter {
  readonly name: string;
  readonly standard: Expression | null;
}

export type Statement = { readonly place: Place } & (
  | { readonly type: 'assign'; readonly name: string; readonly value: Expression }
  | { readonly type: 'expression'; readonly value: Expression }
  | { readonly type: 'return'; readonly value: Expression | null }
  | {
      readonly type: 'def';
      readonly name: string;
      readonly parameters: readonly Parameter[];
      readonly body: readonly Statement[];
    }
  | {
      readonly type: 'if';
      readonly test: Expression;
      readonly body: readonly Statement[];
      readonly otherwise: readonly Statement[];
    }
  /** A block whose content is not read. */
  | { readonly type: 'skipped'; readonly keyword: string; readonly name: string }
);

export interface Note {
  readonly message: string;
  readonly place: Place;
}

export interface Syntax {
  readonly statements: readonly Statement[];
  readonly notes: readonly Note[];
}
