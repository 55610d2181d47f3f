using System.CommandLine;
using Orchestra.Silo.Commands;

var root = new RootCommand("Orchestra, a sync server for apps that work offline.")
{
    RunCommand.Create(),
    MigrateCommand.Create(),
    SeedCommand.Create(),
    SchemaCommand.Create(),
    MaintenanceCommand.Create(),
    VerifyCommand.Create(),
    DoctorCommand.Create(),
    EpochCommand.Create(),
    ContentsCommand.Create(),
    HealthCommand.Create(),
    VersionCommand.Create(),
};

return await CommandLine.RunAsync(root, args);
