// Icons that only the panels have.

import { icon } from "../ui/icons/icon.js";

export const IconUndo = icon("M7.5 4.5 4 8l3.5 3.5", "M4 8h8a4 4 0 0 1 0 8H8.5");
export const IconRedo = icon("M12.5 4.5 16 8l-3.5 3.5", "M16 8H8a4 4 0 0 0 0 8h3.5");
export const IconFilter = icon("M3.5 5h13", "M6 10h8", "M8.5 15h3");
export const IconActivity = icon("M2.5 10.5h3.2L8 4.5l3.6 11 2.2-5h3.7");
export const IconHistory = icon("M4 10a6.2 6.2 0 1 0 2-4.5L3.8 7.4", "M3.8 4v3.6h3.6", "M10 6.8V10l2.4 1.6");
export const IconRestore = icon("M4.5 4v4h4", "M4.9 8A6 6 0 1 1 4 11.5");
export const IconDownload = icon("M4 12v4h12v-4", "M10 3.5v8.5", "M6.8 9 10 12.2 13.2 9");
export const IconUpload = icon("M4 12v4h12v-4", "M10 12V3.8", "M6.8 6.8 10 3.6l3.2 3.2");
export const IconLanes = icon("M3.5 4h13v5h-13z", "M3.5 11.5h13v5h-13z");
export const IconSelect = icon("M3.5 3.5h9v9h-9z", "M6 8l1.6 1.6L10.4 6.5", "M8 16.5h8.5V8");
export const IconTag = icon("M3.5 3.5h6.2l6.8 6.8-6.2 6.2-6.8-6.8z", "M7 7h.01");
