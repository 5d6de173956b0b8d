/** The syntax tree of pasted code, with positions. */
import type { SourcePosition } from './pythonTokens.ts';

export type Expression = { readonly place: SourcePosition } & (
  | { readonly type: 'number'; readonly value: number }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'constant'; readonly value: boolean | null }
  | { readonly type: 'name'; readonly name: string }
  | { readonly type: 'attribute'; readonly of: Expression; readonly name: string }
  | { readonly type: 'item'; readonly of: Expression; readonly index: Expression }
  | {
      readonly type: 'slice';
      readonly of: Expression;
      readonly start: Expression | null;
      readonly end: Expression | null;
    }
  | { readonly type: 'tuple'; readonly items: readonly Expression[] }
  | { readonly type: 'dict'; readonly items: readonly (readonly [Expression, Expression])[] }
  | { readonly type: 'call'; readonly of: Expression; readonly given: readonly GivenExpression[] }
  | { readonly type: 'operation'; readonly sign: string; readonly operands: readonly Expression[] }
);

export interface GivenExpression {
  /** The position of its name, if it has one. */
  readonly place: SourcePosition;
  readonly name: string | null;
  readonly value: Expression;
}

export interface PythonParameter {
  readonly name: string;
  readonly standard: Expression | null;
}

/** A name bound by an import: `nn` for `torch.nn`. */
export interface ImportedName {
  readonly name: string;
  readonly path: string;
}

export type Statement = { readonly place: SourcePosition } & (
  | { readonly type: 'assign'; readonly targets: readonly Expression[]; readonly value: Expression }
  /** An augmented assignment; `sign` is the operator without `=`. */
  | {
      readonly type: 'update';
      readonly target: Expression;
      readonly sign: string;
      readonly value: Expression;
    }
  | { readonly type: 'delete'; readonly target: Expression }
  | { readonly type: 'import'; readonly names: readonly ImportedName[] }
  | { readonly type: 'expression'; readonly value: Expression }
  | { readonly type: 'return'; readonly value: Expression | null }
  | {
      readonly type: 'def';
      readonly name: string;
      readonly parameters: readonly PythonParameter[];
      readonly body: readonly Statement[];
    }
  | {
      readonly type: 'if';
      readonly test: Expression;
      readonly body: readonly Statement[];
      readonly otherwise: readonly Statement[];
    }
  | {
      readonly type: 'with';
      readonly contexts: readonly Expression[];
      readonly names: readonly string[];
      readonly body: readonly Statement[];
    }
  /** A class as a list of words: recognised as ours or refused, never evaluated. */
  | { readonly type: 'class'; readonly name: string; readonly words: readonly string[] }
);

export interface Note {
  readonly message: string;
  readonly place: SourcePosition;
}

export interface Syntax {
  readonly statements: readonly Statement[];
  readonly notes: readonly Note[];
}
