using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace Orchestra.Gateway.Authentication;

/// <summary>
/// Keeps no keys. The framework's authentication makes one at every start to protect cookies with;
/// there are no cookies here, and nothing is to be left in the home folder of whoever runs this.
/// </summary>
internal sealed class NoKeys : IXmlRepository
{
    public IReadOnlyCollection<XElement> GetAllElements() => [];

    public void StoreElement(XElement element, string friendlyName) { }
}
