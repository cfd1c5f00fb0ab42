// The plug-ins that Vue and Solid recommend; Preact needs none.

import vue from "@vitejs/plugin-vue";
import solid from "vite-plugin-solid";

const isCustomElement = (tag) => tag.startsWith("mlflow-");

export default {
  plugins: [vue({ template: { compilerOptions: { isCustomElement } } }), solid({ include: /solid\.jsx$/ })],
  build: { target: "esnext" },
};
