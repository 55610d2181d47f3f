using Orchestra.Simulator;

return SimulatorCommand.Run(args, Console.Out);
