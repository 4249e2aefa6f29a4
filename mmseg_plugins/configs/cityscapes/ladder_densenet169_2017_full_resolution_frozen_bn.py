# Ladder DenseNet-169 4x frozen-BN (table 4): batch norms keep the weights and statistics of half resolution.
_base_ = "./ladder_densenet169_2017_full_resolution.py"
model = dict(type="FrozenBatchNormEncoderDecoder")
