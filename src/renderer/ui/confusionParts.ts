/** What a confusion matrix is given, and what its table and its picture are drawn from. */
export interface ConfusionCell {
  truth: number;
  answer: number;
}

export interface ConfusionProps {
  classes: readonly string[];
  /** By true class, then by answered class. */
  counts: readonly (readonly number[])[];
  /** What is counted: `image`. */
  unit: string;
  chosen?: ConfusionCell | null | undefined;
  onChoose?: ((cell: ConfusionCell) => void) | undefined;
}

export interface ConfusionParts extends Omit<ConfusionProps, 'unit'> {
  label: string;
  /** The cell under the pointer. */
  at: ConfusionCell | null;
  setAt: (cell: ConfusionCell | null) => void;
  /** Of the true class. */
  shareOf: (cell: ConfusionCell) => number;
  /** A cell in words. */
  read: (cell: ConfusionCell) => string;
}
