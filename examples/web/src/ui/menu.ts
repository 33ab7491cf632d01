import type { Component } from "vue";

export interface MenuItem {
  readonly id: string;
  readonly label: string;
  readonly icon?: Component;
  readonly danger?: boolean;
  readonly disabled?: boolean;
  /** One of several, of which one holds. */
  readonly isChecked?: boolean;
  /** The heading of the items that begin with this one. */
  readonly heading?: string;
  /** A line stands above it. */
  readonly isApart?: boolean;
}
