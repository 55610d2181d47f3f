using System.Diagnostics;
using OpenTelemetry;

namespace Orchestra.Silo.Hosting;

/// <summary>Takes out of spans which grain was called, for its key is the user's id.</summary>
internal sealed class WithoutIds : BaseProcessor<Activity>
{
    private static readonly string[] Ids =
    [
        "orleans.rpc.target_id",
        "orleans.rpc.source_id",
        "rpc.orleans.target_id",
        "rpc.orleans.source_id",
    ];

    public override void OnEnd(Activity data)
    {
        foreach (var id in Ids)
            if (data.GetTagItem(id) is not null)
                data.SetTag(id, null);
    }
}
