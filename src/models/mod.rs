//! Networks in candle: layers, architectures, weights, devices, prediction.
