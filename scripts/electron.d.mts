export function electronPath(): string | null;
export function obtainElectron(): string | null;
