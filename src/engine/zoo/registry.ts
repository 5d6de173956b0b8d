/** The registry of zoo models: one line each, the small ones first. */
import { alexnet } from './alexnet.ts';
import { brokenCnn } from './brokenCnn.ts';
import { cifarConvnet } from './cifarConvnet.ts';
import { densenet121 } from './densenet.ts';
import { efficientnetB0 } from './efficientnet.ts';
import { efficientnetLite0 } from './efficientnetLite.ts';
import { googlenet } from './googlenet.ts';
import { lenet } from './lenet.ts';
import { localizer } from './localizer.ts';
import { mobilenetV2 } from './mobilenet.ts';
import { mobilenetV3Large, mobilenetV3Small } from './mobilenetV3.ts';
import { nin } from './nin.ts';
import { resnet18, resnet20, resnet34, resnet50 } from './resnet.ts';
import { simpleCnn } from './simpleCnn.ts';
import { simpleNn } from './simpleNn.ts';
import { smallCnn } from './smallCnn.ts';
import { squeezenet10, squeezenet11 } from './squeezenet.ts';
import { unet } from './unet.ts';
import { vgg11, vgg11Bn, vgg16, vgg16Bn, vgg19, vgg19Bn } from './vgg.ts';
import type { ZooModel } from './zoo.ts';

const models: readonly ZooModel[] = [
  lenet,
  smallCnn,
  localizer,
  simpleNn,
  brokenCnn,
  simpleCnn,
  cifarConvnet,
  nin,
  resnet20,
  alexnet,
  vgg11,
  vgg11Bn,
  vgg16,
  vgg16Bn,
  vgg19,
  vgg19Bn,
  squeezenet10,
  squeezenet11,
  googlenet,
  resnet18,
  resnet34,
  resnet50,
  densenet121,
  mobilenetV2,
  efficientnetLite0,
  mobilenetV3Small,
  mobilenetV3Large,
  efficientnetB0,
  unet,
];

export function zooModels(): readonly ZooModel[] {
  return models;
}

export function zooModel(name: string): ZooModel | undefined {
  return models.find(model => model.name === name);
}
