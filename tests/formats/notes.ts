/** Networks as the notes print them, to the character: with tabs, a comma that is missing, and `ReLu`. */

export const SIMPLE_NN = `simple_nn = nn.Sequential(
			nn.Linear(28*28, 30),
			nn.ReLU(),
			nn.Linear(30,1)
)
`;

export const BROKEN_CNN = `broken_cnn = nn.Sequential(
	nn.Conv2d(1,30, kernel_size=3, padding=1)
	nn.ReLu(),
	nn.Conv2d(30,1, kernel_size=3, padding=1)
)
`;

export const CONV = `def conv(ni, nf, ks=3, act=True):
	res=nn.Conv2d(ni, nf, stride=2, kernel_size=ks, padding=ks//2)
	if act: res= nn.Sequential(res, nn.ReLU())
	return res
`;

export const SIMPLE_CNN = `simple_cnn = nn.Sequential(
		conv(1, 4), 	# 14x14
		conv(4, 8), 	# 7x7
		conv(8, 16), 	# 4x4
		conv(16, 32),	# 2x2
		conv(32, 1, act=False),	# 1x1
		Flatten()
)
`;
