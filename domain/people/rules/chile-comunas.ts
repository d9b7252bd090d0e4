/**
 * The 346 comunas of Chile by region, as the law divides it: Código Único Territorial of SUBDERE (Decreto exento 817 of
 * 2010, with Ley 21.033 for Ñuble). Where a comuna has two usual spellings the second stands behind `/`, and behind it
 * its main town when that has another name.
 */
export interface ChileanRegion {
  /** As people and decrees call it. */
  readonly name: string;
  /** Roman number, and other ways to write it, as `plainWords` gives them. */
  readonly also: readonly string[];
  /** IANA; `zoneOfComuna` knows the one comuna with another. */
  readonly zone: string;
  readonly comunas: string;
}

const SANTIAGO = 'America/Santiago';

/** Isla de Pascua is a comuna of Valparaíso, two hours behind the rest of it. */
export const EASTER_ISLAND = { name: 'Isla de Pascua', zone: 'Pacific/Easter' } as const;

export const CHILEAN_REGIONS: readonly ChileanRegion[] = [
  {
    name: 'Arica y Parinacota',
    also: ['xv', '15', 'parinacota', 'cl ap'],
    zone: SANTIAGO,
    comunas: 'Arica, Camarones, Putre, General Lagos',
  },
  {
    name: 'Tarapacá',
    also: ['i', '1', '01', 'cl ta'],
    zone: SANTIAGO,
    comunas: 'Iquique, Alto Hospicio, Pozo Almonte, Camiña, Colchane, Huara, Pica',
  },
  {
    name: 'Antofagasta',
    also: ['ii', '2', '02', 'cl an'],
    zone: SANTIAGO,
    comunas:
      'Antofagasta, Mejillones, Sierra Gorda, Taltal, Calama, Ollagüe, San Pedro de Atacama, Tocopilla, María Elena',
  },
  {
    name: 'Atacama',
    also: ['iii', '3', '03', 'cl at'],
    zone: SANTIAGO,
    comunas:
      'Copiapó, Caldera, Tierra Amarilla, Chañaral, Diego de Almagro, Vallenar, Alto del Carmen, Freirina, Huasco',
  },
  {
    name: 'Coquimbo',
    also: ['iv', '4', '04', 'cl co'],
    zone: SANTIAGO,
    comunas:
      'La Serena, Coquimbo, Andacollo, La Higuera, Paihuano/Paiguano, Vicuña, Illapel, Canela, Los Vilos, Salamanca, ' +
      'Ovalle, Combarbalá, Monte Patria, Punitaqui, Río Hurtado',
  },
  {
    name: 'Valparaíso',
    also: ['v', '5', '05', 'cl vs'],
    zone: SANTIAGO,
    comunas:
      'Valparaíso/Valpo, Casablanca, Concón, Juan Fernández, Puchuncaví, Quintero, Viña del Mar/Viña, ' +
      'Isla de Pascua/Rapa Nui/Rapanui/Hanga Roa/Easter Island, ' +
      'Los Andes, Calle Larga, Rinconada/Rinconada de Los Andes, San Esteban, La Ligua, Cabildo, Papudo, Petorca, Zapallar, ' +
      'Quillota, La Calera/Calera, Hijuelas, La Cruz, Nogales, San Antonio, Algarrobo, Cartagena, El Quisco, El Tabo, ' +
      'Santo Domingo, San Felipe, Catemu, Llay Llay/Llaillay, Panquehue, Putaendo, Santa María, Quilpué, Limache, Olmué, ' +
      'Villa Alemana',
  },
  {
    name: 'Metropolitana',
    also: ['rm', 'xiii', '13', 'metropolitana de santiago', 'gran santiago', 'cl rm'],
    zone: SANTIAGO,
    comunas:
      'Santiago/Santiago Centro/Stgo, Cerrillos, Cerro Navia, Conchalí, El Bosque, Estación Central, Huechuraba, ' +
      'Independencia, La Cisterna, La Florida, La Granja, La Pintana, La Reina, Las Condes, Lo Barnechea, Lo Espejo, Lo Prado, ' +
      'Macul, Maipú, Ñuñoa, Pedro Aguirre Cerda/PAC, Peñalolén, Providencia, Pudahuel, Quilicura, Quinta Normal, Recoleta, ' +
      'Renca, San Joaquín, San Miguel, San Ramón, Vitacura, Puente Alto, Pirque, San José de Maipo, Colina, Lampa, ' +
      'Tiltil/Til Til, San Bernardo, Buin, Calera de Tango, Paine, Melipilla, Alhué, Curacaví, María Pinto, ' +
      'San Pedro/San Pedro de Melipilla, Talagante, El Monte, Isla de Maipo, Padre Hurtado, Peñaflor',
  },
  {
    name: "O'Higgins",
    also: ['vi', '6', '06', 'cl li', 'libertador', 'ohiggins', 'libertador general bernardo o higgins'],
    zone: SANTIAGO,
    comunas:
      'Rancagua, Codegua, Coinco, Coltauco, Doñihue, Graneros, Las Cabras, Machalí, Malloa, Mostazal/San Francisco de Mostazal, ' +
      'Olivar, Peumo, Pichidegua, Quinta de Tilcoco, Rengo, Requínoa, San Vicente/San Vicente de Tagua Tagua, Pichilemu, ' +
      'La Estrella, Litueche, Marchihue/Marchigüe, Navidad, Paredones, San Fernando, Chépica, Chimbarongo, Lolol, Nancagua, ' +
      'Palmilla, Peralillo, Placilla, Pumanque, Santa Cruz',
  },
  {
    name: 'Maule',
    also: ['vii', '7', '07', 'cl ml'],
    zone: SANTIAGO,
    comunas:
      'Talca, Constitución, Curepto, Empedrado, Maule, Pelarco, Pencahue, Río Claro, San Clemente, San Rafael, Cauquenes, ' +
      'Chanco, Pelluhue, Curicó, Hualañé, Licantén, Molina, Rauco, Romeral, Sagrada Familia, Teno, Vichuquén, Linares, Colbún, ' +
      'Longaví, Parral, Retiro, San Javier/San Javier de Loncomilla, Villa Alegre, Yerbas Buenas',
  },
  {
    name: 'Ñuble',
    also: ['xvi', '16', 'cl nb'],
    zone: SANTIAGO,
    comunas:
      'Chillán, Bulnes, Cobquecura, Coelemu, Coihueco, Chillán Viejo, El Carmen, Ninhue, Ñiquén, Pemuco, Pinto, Portezuelo, ' +
      'Quillón, Quirihue, Ránquil, San Carlos, San Fabián, San Ignacio, San Nicolás, Treguaco/Trehuaco, Yungay',
  },
  {
    name: 'Biobío',
    also: ['viii', '8', '08', 'cl bi', 'bio bio'],
    zone: SANTIAGO,
    comunas:
      'Concepción/Conce, Coronel, Chiguayante, Florida, Hualqui, Lota, Penco, San Pedro de la Paz, Santa Juana, ' +
      'Talcahuano, Tomé, Hualpén, Lebu, Arauco, Cañete, Contulmo, Curanilahue, Los Álamos, Tirúa, Los Ángeles, Antuco, ' +
      'Cabrero, Laja, Mulchén, Nacimiento, Negrete, Quilaco, Quilleco, San Rosendo, Santa Bárbara, Tucapel, Yumbel, ' +
      'Alto Biobío/Alto Bío Bío',
  },
  {
    name: 'La Araucanía',
    also: ['ix', '9', '09', 'cl ar', 'araucania'],
    zone: SANTIAGO,
    comunas:
      'Temuco, Carahue, Cunco, Curarrehue, Freire, Galvarino, Gorbea, Lautaro, Loncoche, Melipeuco, Nueva Imperial/Imperial, ' +
      'Padre Las Casas, Perquenco, Pitrufquén, Pucón, Saavedra/Puerto Saavedra, Teodoro Schmidt, Toltén, Vilcún, Villarrica, ' +
      'Cholchol/Chol Chol, Angol, Collipulli, Curacautín, Ercilla, Lonquimay, Los Sauces, Lumaco, Purén, Renaico, Traiguén, ' +
      'Victoria',
  },
  {
    name: 'Los Ríos',
    also: ['xiv', '14', 'cl lr'],
    zone: SANTIAGO,
    comunas:
      'Valdivia, Corral, Lanco, Los Lagos, Máfil, Mariquina/San José de la Mariquina, Paillaco, Panguipulli, La Unión, ' +
      'Futrono, Lago Ranco, Río Bueno',
  },
  {
    name: 'Los Lagos',
    also: ['x', '10', 'cl ll', 'chiloe'],
    zone: SANTIAGO,
    comunas:
      'Puerto Montt/Pto Montt, Calbuco, Cochamó, Fresia, Frutillar, Los Muermos, Llanquihue, Maullín, ' +
      'Puerto Varas/Pto Varas, Castro, Ancud, Chonchi, Curaco de Vélez, Dalcahue, Puqueldón, Queilén, Quellón, Quemchi, ' +
      'Quinchao/Achao, Osorno, Puerto Octay, Purranque, Puyehue, Río Negro, San Juan de la Costa, San Pablo, Chaitén, ' +
      'Futaleufú, Hualaihué, Palena',
  },
  {
    name: 'Aysén',
    also: ['xi', '11', 'cl ai', 'aisen', 'aysen del general carlos ibanez del campo'],
    zone: 'America/Coyhaique',
    comunas:
      'Coyhaique/Coihaique, Lago Verde, Aysén/Aisén/Puerto Aysén/Puerto Aisén/Pto Aysén, Cisnes/Puerto Cisnes, ' +
      "Guaitecas/Melinka, Cochrane, O'Higgins/OHiggins/Villa O'Higgins/Villa OHiggins, Tortel/Caleta Tortel, Chile Chico, " +
      'Río Ibáñez',
  },
  {
    name: 'Magallanes',
    also: ['xii', '12', 'cl ma', 'magallanes y de la antartica chilena', 'antartica chilena'],
    zone: 'America/Punta_Arenas',
    comunas:
      'Punta Arenas/Pta Arenas, Laguna Blanca, Río Verde, San Gregorio, Cabo de Hornos/Puerto Williams/Navarino, Antártica, ' +
      'Porvenir, Primavera, Timaukel, Natales/Puerto Natales/Pto Natales, Torres del Paine',
  },
];
